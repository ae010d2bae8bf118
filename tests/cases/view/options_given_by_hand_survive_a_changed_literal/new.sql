CREATE VIEW "It's" WITH (security_barrier = true) AS SELECT id FROM t WHERE id > 2;
CREATE VIEW checked AS SELECT id FROM t WHERE id > 2;
CREATE VIEW no_longer AS SELECT id FROM t WHERE id > 2;
