CREATE MATERIALIZED VIEW people AS SELECT id, name FROM users;
CREATE INDEX ON people (name);
