CREATE VIEW w WITH (security_barrier = false) AS SELECT id FROM users WHERE id > 5;
