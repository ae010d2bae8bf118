-- Tables of extensions whose rows are the users' (`pg_extension_config_dump`), with the condition that leaves out the
-- extension's own.
SELECT e.extname::text AS extension, c.oid::pg_catalog.regclass::text AS table, coalesce(t.condition, '') AS condition,
    pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable
FROM pg_catalog.pg_extension AS e,
    ROWS FROM (pg_catalog.unnest(e.extconfig), pg_catalog.unnest(e.extcondition)) AS t (relation, condition)
JOIN pg_catalog.pg_class AS c ON c.oid = t.relation AND c.relkind IN ('r', 'p')
ORDER BY 1, 2
