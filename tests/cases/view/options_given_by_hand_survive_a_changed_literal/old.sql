CREATE VIEW "It's" WITH (security_barrier = false) AS SELECT id FROM t WHERE id > 1;
CREATE VIEW checked AS SELECT id FROM t WHERE id > 1;
CREATE VIEW no_longer WITH (security_barrier) AS SELECT id FROM t WHERE id > 1;
