CREATE VIEW w WITH (security_barrier) AS SELECT id FROM users;
