-- Makes a database hold nothing but an empty schema `public`. What is in no schema is not looked for, but is an error.
ROLLBACK;
RESET SESSION AUTHORIZATION;
RESET ALL;
SET client_min_messages = error;
DO $$
DECLARE
    name text;
    kept text;
BEGIN
    FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', name);
    END LOOP;
    CREATE SCHEMA public;
    IF current_setting('server_version_num')::int >= 150000 THEN
        ALTER SCHEMA public OWNER TO pg_database_owner;
        GRANT USAGE ON SCHEMA public TO PUBLIC;
    ELSE
        GRANT ALL ON SCHEMA public TO PUBLIC;
    END IF;
    COMMENT ON SCHEMA public IS 'standard public schema';
    SELECT string_agg(what, ', ') INTO kept FROM (
        SELECT 'cast ' || oid FROM pg_cast WHERE oid >= 16384
        UNION ALL SELECT 'extension ' || extname FROM pg_extension WHERE oid >= 16384
        UNION ALL SELECT 'event trigger ' || evtname FROM pg_event_trigger
        UNION ALL SELECT 'default privileges ' || oid FROM pg_default_acl
        UNION ALL SELECT 'language ' || lanname FROM pg_language WHERE oid >= 16384
        UNION ALL SELECT 'publication ' || pubname FROM pg_publication
        UNION ALL SELECT 'foreign server ' || srvname FROM pg_foreign_server
    ) AS left_over (what);
    IF kept IS NOT NULL THEN
        RAISE 'the database still holds %', kept;
    END IF;
END
$$;
