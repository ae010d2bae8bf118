CREATE VIEW w WITH (security_barrier = 'on') AS SELECT id FROM users;
