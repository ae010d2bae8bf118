-- Views and materialized views of users, with their query as this server renders it: for dumps, and for people.
-- `pg_get_viewdef` qualifies what is not on the search path: this is asked once with none and once with the project's.
SELECT n.nspname::text AS schema, c.relname::text AS name, c.relkind = 'm' AS materialized,
    c.relispopulated AS populated, pg_catalog.pg_get_viewdef(c.oid, $1::bool) AS query
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2
