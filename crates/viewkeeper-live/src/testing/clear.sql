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
    FOR name IN SELECT extname FROM pg_extension WHERE oid >= 16384 LOOP
        EXECUTE format('DROP EXTENSION IF EXISTS %I CASCADE', name);
    END LOOP;
    FOR name IN SELECT evtname FROM pg_event_trigger LOOP
        EXECUTE format('DROP EVENT TRIGGER %I', name);
    END LOOP;
    -- What is in a schema went with it; what is left is as the server has it when everybody but the owner gives all back.
    FOR name IN
        SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I %s', pg_get_userbyid(d.defaclrole), replace(part, 'OBJECTS', objects))
        FROM pg_default_acl AS d
        CROSS JOIN LATERAL (SELECT CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                                   WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END) AS o (objects)
        CROSS JOIN LATERAL (
            SELECT DISTINCT 1, format('REVOKE ALL ON OBJECTS FROM %s', CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
            FROM aclexplode(d.defaclacl) AS a
            UNION ALL SELECT 2, format('GRANT ALL ON OBJECTS TO %I', pg_get_userbyid(d.defaclrole))
            UNION ALL SELECT 3, 'GRANT ALL ON OBJECTS TO PUBLIC' WHERE d.defaclobjtype IN ('f', 'T')
            ORDER BY 1
        ) AS parts (place, part)
    LOOP
        EXECUTE name;
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
