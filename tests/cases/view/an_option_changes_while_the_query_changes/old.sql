CREATE VIEW w WITH (security_barrier = true) AS SELECT id FROM users;
