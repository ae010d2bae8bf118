-- Functions, procedures, aggregates and window functions, named with the types of their inputs.
WITH routine AS (
    SELECT p.*, CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind,
        format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS name
    FROM pg_proc AS p
    JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_depend AS d
                        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
)
SELECT routine.kind, routine.name, property, value
FROM routine
CROSS JOIN LATERAL (
    VALUES ('owner', pg_get_userbyid(routine.proowner)::text),
        ('comment', obj_description(routine.oid, 'pg_proc')),
        ('definition', CASE WHEN routine.prokind <> 'a' THEN pg_get_functiondef(routine.oid) END),
        ('source', CASE WHEN routine.prosqlbody IS NULL AND routine.prokind <> 'a' THEN routine.prosrc END),
        ('language', (SELECT l.lanname FROM pg_language AS l WHERE l.oid = routine.prolang)),
        ('attributes', format('volatile %s, strict %s, security definer %s, leakproof %s, parallel %s, cost %s, rows %s, %s',
                              routine.provolatile, routine.proisstrict, routine.prosecdef, routine.proleakproof,
                              routine.proparallel, routine.procost, routine.prorows, routine.proconfig)),
        ('result', pg_get_function_result(routine.oid)),
        ('aggregate', (SELECT format('%s state %s, moving state %s, sorted by %s',
                                     to_jsonb(a) - 'aggfnoid' - 'aggtranstype' - 'aggmtranstype' - 'aggsortop',
                                     format_type(a.aggtranstype, NULL), format_type(nullif(a.aggmtranstype, 0), NULL),
                                     a.aggsortop::regoperator)
                       FROM pg_aggregate AS a WHERE a.aggfnoid = routine.oid))
    UNION ALL
    SELECT format('privilege %s %s', CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, a.privilege_type),
        format('by %I%s', pg_get_userbyid(a.grantor), CASE WHEN a.is_grantable THEN ', with grant option' END)
    FROM aclexplode(coalesce(routine.proacl, acldefault('f', routine.proowner))) AS a
) AS fact (property, value)
WHERE value IS NOT NULL
