-- Operators and casts of users.
SELECT 'operator' AS kind, o.oid::regoperator::text AS name, property, value
FROM pg_operator AS o
JOIN pg_namespace AS n ON n.oid = o.oprnamespace
CROSS JOIN LATERAL (
    VALUES ('function', o.oprcode::text),
        ('result', format_type(o.oprresult, NULL)),
        ('commutator', nullif(o.oprcom, 0)::regoperator::text),
        ('negator', nullif(o.oprnegate, 0)::regoperator::text),
        ('estimators', format('%s %s', o.oprrest, o.oprjoin)),
        ('joins', format('merge %s, hash %s', o.oprcanmerge, o.oprcanhash)),
        ('owner', pg_get_userbyid(o.oprowner)::text),
        ('comment', obj_description(o.oid, 'pg_operator'))
) AS fact (property, value)
-- A shell, left by an operator that named it as its commutator or negator, is none yet.
WHERE o.oprcode <> 0 AND value IS NOT NULL AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend AS d
                    WHERE d.classid = 'pg_operator'::regclass AND d.objid = o.oid AND d.deptype = 'e')
UNION ALL
SELECT 'cast', format('%s as %s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)), property, value
FROM pg_cast AS c
CROSS JOIN LATERAL (
    VALUES ('function', c.castfunc::regprocedure::text),
        ('context', c.castcontext::text),
        ('method', c.castmethod::text),
        ('comment', obj_description(c.oid, 'pg_cast'))
) AS fact (property, value)
-- FirstNormalObjectId: what has a smaller number came with the server.
WHERE value IS NOT NULL AND c.oid >= 16384
    AND NOT EXISTS (SELECT FROM pg_depend AS d
                    WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'e')
