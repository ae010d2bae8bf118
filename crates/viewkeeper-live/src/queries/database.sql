-- What belongs to the database as a whole: default privileges, event triggers, publications, settings.
SELECT 'default privileges' AS kind,
    format('of %I%s for %s', pg_get_userbyid(a.defaclrole),
           (SELECT format(' in %I', n.nspname) FROM pg_namespace AS n WHERE n.oid = a.defaclnamespace), a.defaclobjtype) AS name,
    format('privilege %s %s', CASE p.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(p.grantee)) END, p.privilege_type) AS property,
    format('by %I%s', pg_get_userbyid(p.grantor), CASE WHEN p.is_grantable THEN ', with grant option' END) AS value
FROM pg_default_acl AS a
CROSS JOIN LATERAL aclexplode(a.defaclacl) AS p
UNION ALL
SELECT 'event trigger', quote_ident(e.evtname), property, value
FROM pg_event_trigger AS e
CROSS JOIN LATERAL (
    VALUES ('definition', format('on %s %s execute %s', e.evtevent, e.evttags, e.evtfoid::regprocedure)),
        ('enabled', nullif(e.evtenabled::text, 'O')),
        ('owner', pg_get_userbyid(e.evtowner)::text),
        ('comment', obj_description(e.oid, 'pg_event_trigger'))
) AS fact (property, value)
WHERE value IS NOT NULL
UNION ALL
SELECT 'publication', quote_ident(b.pubname), property, value
FROM pg_publication AS b
CROSS JOIN LATERAL (
    VALUES ('definition', (to_jsonb(b) - 'oid' - 'pubname' - 'pubowner')::text),
        ('tables', (SELECT string_agg(r.prrelid::regclass::text, ', ' ORDER BY r.prrelid::regclass::text)
                    FROM pg_publication_rel AS r WHERE r.prpubid = b.oid)),
        ('owner', pg_get_userbyid(b.pubowner)::text),
        ('comment', obj_description(b.oid, 'pg_publication'))
) AS fact (property, value)
WHERE value IS NOT NULL
UNION ALL
SELECT 'settings', coalesce(quote_ident(pg_get_userbyid(nullif(s.setrole, 0))), 'of every role'), 'values', s.setconfig::text
FROM pg_db_role_setting AS s
WHERE s.setdatabase = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
