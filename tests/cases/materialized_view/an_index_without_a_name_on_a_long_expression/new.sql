CREATE MATERIALIZED VIEW m AS SELECT id, name FROM users;
CREATE INDEX ON m (upper(name));
CREATE INDEX ON m (upper(name));
CREATE INDEX ON m ((id + 1), name);
