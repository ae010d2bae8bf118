-- Extended statistics.
SELECT 'statistics' AS kind, format('%I.%I', n.nspname, s.stxname) AS name, property, value
FROM pg_statistic_ext AS s
JOIN pg_namespace AS n ON n.oid = s.stxnamespace
CROSS JOIN LATERAL (
    VALUES ('definition', pg_get_statisticsobjdef(s.oid)),
        ('target', nullif(to_jsonb(s) ->> 'stxstattarget', '-1')),
        ('owner', pg_get_userbyid(s.stxowner)::text),
        ('comment', obj_description(s.oid, 'pg_statistic_ext'))
) AS fact (property, value)
WHERE value IS NOT NULL
