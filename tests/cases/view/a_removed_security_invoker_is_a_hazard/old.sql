CREATE VIEW w WITH (security_invoker = true, security_barrier = true) AS SELECT id FROM users;
