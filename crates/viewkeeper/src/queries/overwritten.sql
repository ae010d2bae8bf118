-- What somebody did by hand and a rollback undoes: objects that are not as they were recorded, and that it changes.
-- $1 the state recorded with the migration, $2 the live state before the rollback, $3 the live state after it. Hashes
-- say less than the texts beside them, and texts of another major version are not compared.
SELECT name
FROM (SELECT $1::text::pg_catalog.jsonb, $2::text::pg_catalog.jsonb, $3::text::pg_catalog.jsonb) AS states (recorded, before, after)
CROSS JOIN pg_catalog.unnest(ARRAY['relations', 'routines', 'types']) AS sections (section)
CROSS JOIN LATERAL (
    SELECT pg_catalog.jsonb_object_keys(recorded -> section) UNION SELECT pg_catalog.jsonb_object_keys(before -> section)
) AS names (name)
CROSS JOIN LATERAL (
    SELECT (recorded -> section -> name) - hashes, (before -> section -> name) - hashes, (after -> section -> name) - hashes
    FROM (SELECT '{server,rewrite,catalog,populated}'::text[]) AS left_out (hashes)
) AS entries (expected, found, led_to)
WHERE expected IS DISTINCT FROM found AND found IS DISTINCT FROM led_to
  AND coalesce((recorded -> section -> name ->> 'server')::int4 / 10000
               = (before -> section -> name ->> 'server')::int4 / 10000, true)
ORDER BY name
