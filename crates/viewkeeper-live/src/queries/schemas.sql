-- Schemas of users, `public` included.
WITH schema AS (
    SELECT n.oid, n.nspname, n.nspowner, n.nspacl
    FROM pg_namespace AS n
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_depend AS d
                        WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
)
SELECT 'schema' AS kind, quote_ident(schema.nspname) AS name, property, value
FROM schema
CROSS JOIN LATERAL (
    VALUES ('owner', pg_get_userbyid(schema.nspowner)::text),
        ('comment', obj_description(schema.oid, 'pg_namespace'))
    UNION ALL
    SELECT format('privilege %s %s', CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, a.privilege_type),
        format('by %I%s', pg_get_userbyid(a.grantor), CASE WHEN a.is_grantable THEN ', with grant option' END)
    FROM aclexplode(coalesce(schema.nspacl, acldefault('n', schema.nspowner))) AS a
) AS fact (property, value)
WHERE value IS NOT NULL
