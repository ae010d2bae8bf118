-- Extensions; what belongs to one is not listed elsewhere.
SELECT 'extension' AS kind, quote_ident(e.extname) AS name, property, value
FROM pg_extension AS e
CROSS JOIN LATERAL (
    VALUES ('schema', (SELECT quote_ident(n.nspname) FROM pg_namespace AS n WHERE n.oid = e.extnamespace)),
        ('version', e.extversion),
        ('owner', pg_get_userbyid(e.extowner)::text),
        ('comment', obj_description(e.oid, 'pg_extension'))
) AS fact (property, value)
WHERE value IS NOT NULL
