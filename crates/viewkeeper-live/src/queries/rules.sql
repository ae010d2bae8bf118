-- Rewrite rules, without the one that is a view's query.
SELECT 'rule' AS kind, format('%s.%I', r.ev_class::regclass, r.rulename) AS name, property, value
FROM pg_rewrite AS r
JOIN pg_class AS c ON c.oid = r.ev_class
JOIN pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    VALUES ('definition', pg_get_ruledef(r.oid)),
        ('enabled', nullif(r.ev_enabled::text, 'O')),
        ('comment', obj_description(r.oid, 'pg_rewrite'))
) AS fact (property, value)
WHERE r.rulename <> '_RETURN' AND value IS NOT NULL
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend AS d
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = r.ev_class AND d.deptype = 'e')
