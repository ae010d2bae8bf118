-- What is to be recorded after a change: $1 the live state before it, $2 the live state after it, $3 what was recorded
-- last. An object that the change did not touch stays as it was recorded, so that what somebody did to it by hand in
-- the meantime is still drift; an object that it touched is recorded as it is now.
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
                WHEN before IS NULL OR recorded IS NULL THEN after -> section -> name
                WHEN before -> section -> name IS NOT DISTINCT FROM after -> section -> name
                    THEN recorded -> section -> name
                ELSE after -> section -> name
            END AS entry
        ) AS entries
        WHERE entry IS NOT NULL
    ))
    FROM pg_catalog.unnest(ARRAY['relations', 'routines', 'types']) AS sections (section)
)
FROM (SELECT $1::text::pg_catalog.jsonb, $2::text::pg_catalog.jsonb, $3::text::pg_catalog.jsonb) AS states (before, after, recorded)
