-- Collations of users. `to_jsonb` reads columns that were renamed between versions.
SELECT 'collation' AS kind, format('%I.%I', n.nspname, c.collname) AS name, property, value
FROM pg_collation AS c
JOIN pg_namespace AS n ON n.oid = c.collnamespace
CROSS JOIN LATERAL (
    VALUES ('definition', (to_jsonb(c) - 'oid' - 'collname' - 'collnamespace' - 'collowner' - 'collversion')::text),
        ('owner', pg_get_userbyid(c.collowner)::text),
        ('comment', obj_description(c.oid, 'pg_collation'))
) AS fact (property, value)
WHERE value IS NOT NULL AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend AS d
                    WHERE d.classid = 'pg_collation'::regclass AND d.objid = c.oid AND d.deptype = 'e')
