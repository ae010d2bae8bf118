CREATE MATERIALIZED VIEW m AS SELECT id, name FROM users;
CREATE UNIQUE INDEX i ON m (lower(name) text_pattern_ops DESC, id) INCLUDE (name) WITH (fillfactor = 70) WHERE id > 0;
CREATE INDEX h ON m USING hash (name);
CREATE INDEX b ON m USING brin (id) WITH (pages_per_range = 32);
