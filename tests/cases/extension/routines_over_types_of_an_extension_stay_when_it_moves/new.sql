CREATE EXTENSION citext SCHEMA tools;
CREATE FUNCTION greeting(name tools.citext) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'Hello ' || name; END $$;
COMMENT ON FUNCTION greeting(tools.citext) IS 'For the first page';
CREATE VIEW greetings AS SELECT id, greeting(name::tools.citext) AS greeting FROM users;
