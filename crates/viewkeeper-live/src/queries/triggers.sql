-- Triggers of users on relations.
SELECT 'trigger' AS kind, format('%s.%I', t.tgrelid::regclass, t.tgname) AS name, property, value
FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    VALUES ('definition', pg_get_triggerdef(t.oid)),
        ('calls', format('%s, type %s', t.tgfoid::regprocedure, t.tgtype)),
        ('enabled', nullif(t.tgenabled::text, 'O')),
        ('parent', (SELECT p.tgrelid::regclass::text FROM pg_trigger AS p WHERE p.oid = t.tgparentid)),
        ('comment', obj_description(t.oid, 'pg_trigger'))
) AS fact (property, value)
WHERE NOT t.tgisinternal AND value IS NOT NULL
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend AS d
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = t.tgrelid AND d.deptype = 'e')
