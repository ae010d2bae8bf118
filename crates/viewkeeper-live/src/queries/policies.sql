-- Row security policies.
SELECT 'policy' AS kind, format('%s.%I', p.polrelid::regclass, p.polname) AS name, property, value
FROM pg_policy AS p
CROSS JOIN LATERAL (
    VALUES ('command', p.polcmd::text),
        ('permissive', p.polpermissive::text),
        ('roles', (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ' ORDER BY r = 0, pg_get_userbyid(r))
                   FROM unnest(p.polroles) AS r)),
        ('using', pg_get_expr(p.polqual, p.polrelid)),
        ('check', pg_get_expr(p.polwithcheck, p.polrelid)),
        ('comment', obj_description(p.oid, 'pg_policy'))
) AS fact (property, value)
WHERE value IS NOT NULL
