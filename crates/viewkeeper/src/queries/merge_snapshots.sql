-- What is to be recorded after a change: $1 the live state before it, $2 the live state after it, $3 what was recorded
-- last. An object that the change did not touch stays as it was recorded, so that what somebody did to it by hand in
-- the meantime is still drift; an object that it touched is recorded as it is now, also where that led to what somebody
-- had done by hand before.
WITH touched AS (
    SELECT 'relations' AS section, pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
    CROSS JOIN (SELECT pg_catalog.pg_current_xact_id()::pg_catalog.xid) AS current (number)
    WHERE c.relkind IN ('v', 'm') AND (
        c.xmin = current.number
        OR EXISTS (SELECT FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid AND w.xmin = current.number)
        OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.xmin = current.number)
        OR EXISTS (SELECT FROM pg_catalog.pg_description d
                   WHERE d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
                     AND d.xmin = current.number))
    UNION ALL
    SELECT 'routines', pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(p.proname)
        || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')'
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace
    WHERE p.xmin = pg_catalog.pg_current_xact_id()::pg_catalog.xid
    UNION ALL
    SELECT 'types', pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(t.typname)
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace s ON s.oid = t.typnamespace
    WHERE t.xmin = pg_catalog.pg_current_xact_id()::pg_catalog.xid
    UNION ALL
    SELECT 'statistics', pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(e.stxname)
    FROM pg_catalog.pg_statistic_ext e JOIN pg_catalog.pg_namespace s ON s.oid = e.stxnamespace
    WHERE e.xmin = pg_catalog.pg_current_xact_id()::pg_catalog.xid
    UNION ALL
    SELECT 'schemas', pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_namespace n
    WHERE n.xmin = pg_catalog.pg_current_xact_id()::pg_catalog.xid
    UNION ALL
    SELECT 'extensions', pg_catalog.quote_ident(x.extname) FROM pg_catalog.pg_extension x
    WHERE x.xmin = pg_catalog.pg_current_xact_id()::pg_catalog.xid
    UNION ALL
    SELECT 'event_triggers', pg_catalog.quote_ident(v.evtname) FROM pg_catalog.pg_event_trigger v
    WHERE v.xmin = pg_catalog.pg_current_xact_id()::pg_catalog.xid
)
SELECT pg_catalog.jsonb_build_object(
    'format', after -> 'format', 'server_version', after -> 'server_version'
) || (
    SELECT pg_catalog.jsonb_object_agg(section, (
        SELECT coalesce(pg_catalog.jsonb_object_agg(name, entry), '{}')
        FROM (
            SELECT pg_catalog.jsonb_object_keys(after -> section)
            UNION SELECT pg_catalog.jsonb_object_keys(coalesce(recorded -> section, '{}'))
        ) AS names (name)
        CROSS JOIN LATERAL (
            SELECT CASE
                -- Where a former release recorded nothing of the kind, what is there counts.
                WHEN before IS NULL OR recorded -> section IS NULL THEN after -> section -> name
                WHEN before -> section -> name IS NOT DISTINCT FROM after -> section -> name
                     AND NOT EXISTS (SELECT FROM touched WHERE touched.section = sections.section AND touched.name = names.name)
                    THEN recorded -> section -> name
                ELSE after -> section -> name
            END AS entry
        ) AS entries
        WHERE entry IS NOT NULL
    ))
    FROM pg_catalog.jsonb_each(after) AS sections (section, entries)
    WHERE pg_catalog.jsonb_typeof(entries) = 'object'
)
FROM (SELECT $1::text::pg_catalog.jsonb, $2::text::pg_catalog.jsonb, $3::text::pg_catalog.jsonb) AS states (before, after, recorded)
