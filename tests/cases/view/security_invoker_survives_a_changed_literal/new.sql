CREATE VIEW w WITH (security_invoker = true) AS SELECT id FROM users WHERE name <> 'b';
