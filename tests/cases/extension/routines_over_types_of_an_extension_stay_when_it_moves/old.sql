CREATE EXTENSION citext SCHEMA public;
CREATE FUNCTION greeting(name public.citext) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'Hello ' || name; END $$;
COMMENT ON FUNCTION greeting(public.citext) IS 'For the first page';
CREATE VIEW greetings AS SELECT id, greeting(name::public.citext) AS greeting FROM users;
