CREATE FUNCTION greeting(name text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'Hello ' || name $$;
CREATE VIEW greetings AS SELECT id, greeting(name) AS greeting FROM users;
