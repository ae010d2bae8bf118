CREATE MATERIALIZED VIEW m (a, b, c) AS SELECT id, name, email FROM users;
CREATE INDEX i ON m (b);
