-- Columns of relations and attributes of composite types. The position counts what is there: a dropped column leaves a
-- gap in the numbers that nothing shows.
WITH "column" AS (
    SELECT a.*, to_jsonb(a) AS "row", c.relkind, c.relowner,
        format('%I.%I.%I', n.nspname, c.relname, a.attname) AS name,
        row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS position
    FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = a.attrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'c', 'f')
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_depend AS d
                        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
)
SELECT 'column' AS kind, "column".name, property, value
FROM "column"
JOIN pg_type AS t ON t.oid = "column".atttypid
LEFT JOIN pg_attrdef AS d ON d.adrelid = "column".attrelid AND d.adnum = "column".attnum
CROSS JOIN LATERAL (
    VALUES ('position', "column".position::text),
        ('type', format_type("column".atttypid, "column".atttypmod)),
        ('collation', CASE WHEN "column".attcollation <> t.typcollation THEN "column".attcollation::regcollation::text END),
        ('not null', CASE WHEN "column".attnotnull THEN 'yes' END),
        ('default', CASE WHEN "column".attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END),
        ('has default', CASE WHEN d.oid IS NOT NULL THEN 'yes' END),
        ('generated', CASE WHEN "column".attgenerated <> '' THEN "column".attgenerated::text || ' ' || pg_get_expr(d.adbin, d.adrelid) END),
        ('identity', nullif("column".attidentity::text, '')),
        ('dimensions', nullif("column".attndims, 0)::text),
        ('storage', CASE WHEN "column".attstorage <> t.typstorage THEN "column".attstorage::text END),
        ('compression', nullif("column"."row" ->> 'attcompression', '')),
        ('statistics target', nullif("column"."row" ->> 'attstattarget', '-1')),
        -- `pg_attver` is the server's own, and new with each column (minor releases of November 2026).
        ('options', (SELECT array_agg(o ORDER BY o)::text FROM unnest("column".attoptions) AS o WHERE o NOT LIKE 'pg\_attver=%')),
        ('foreign options', "column".attfdwoptions::text),
        ('inherited', CASE WHEN "column".attinhcount > 0 THEN "column".attislocal::text END),
        ('comment', col_description("column".attrelid, "column".attnum))
    UNION ALL
    SELECT format('privilege %s %s', CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, a.privilege_type),
        format('by %I%s', pg_get_userbyid(a.grantor), CASE WHEN a.is_grantable THEN ', with grant option' END)
    FROM aclexplode("column".attacl) AS a
) AS fact (property, value)
WHERE value IS NOT NULL
