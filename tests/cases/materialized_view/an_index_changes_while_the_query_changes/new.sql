CREATE MATERIALIZED VIEW m AS SELECT id, email, name FROM users;
CREATE INDEX i ON m (id, email);
COMMENT ON INDEX i IS 'one';
