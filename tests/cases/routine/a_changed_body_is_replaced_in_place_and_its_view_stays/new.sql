CREATE FUNCTION greeting(name text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'Good day ' || name $$;
CREATE VIEW greetings AS SELECT id, greeting(name) AS greeting FROM users;
