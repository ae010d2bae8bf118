CREATE MATERIALIZED VIEW m WITH (fillfactor = 80, autovacuum_enabled = false) AS SELECT id, name FROM users;
