-- What somebody did by hand and a migration or rollback changes: objects that are not as they were recorded, and that it
-- changes; with the aspects whose state by hand is undone, what they were, and the aspects of which it stays.
-- $1 the state recorded last, $2 the live state before the change, $3 the live state after it. Hashes say less than the
-- texts beside them, and what an object reads is told with its definition. Texts of another major version are not compared,
-- and neither is what an earlier edition did not record (as edition.rs has it).
SELECT name, aspects.undone, aspects.texts, aspects.kept, led_to IS NULL
FROM (SELECT $1::text::pg_catalog.jsonb, $2::text::pg_catalog.jsonb, $3::text::pg_catalog.jsonb) AS states (recorded, before, after)
CROSS JOIN LATERAL pg_catalog.jsonb_each(coalesce(recorded, before)) AS sections (section, entries)
CROSS JOIN LATERAL (
    SELECT pg_catalog.jsonb_object_keys(entries) UNION SELECT pg_catalog.jsonb_object_keys(before -> section)
) AS names (name)
CROSS JOIN LATERAL (
    SELECT recorded -> section -> name, before -> section -> name, coalesce(after -> section -> name, (
        -- What has another name is the same one.
        SELECT entry FROM pg_catalog.jsonb_each(CASE pg_catalog.jsonb_typeof(entries) WHEN 'object' THEN after -> section END)
        AS renamed (other, entry) WHERE entry -> 'oid' = before -> section -> name -> 'oid'
    ))
) AS entries_there (entry_expected, entry_found, entry_led_to)
CROSS JOIN LATERAL (
    SELECT entry_expected - left_out, entry_found - left_out, entry_led_to - left_out
    FROM (
        SELECT '{server,edition,rewrite,catalog,populated,initial,oid,column_numbers,inherited,reads}'::text[]
            || CASE WHEN least.edition < 3 THEN '{inherits,replica_identity,toast_options}' ELSE '{}' END::text[]
            || CASE WHEN least.edition < 2 THEN '{statistics,rule_comments,policy_comments,aggregate,belongs_to,collation,range,attribute_collations,attribute_comments,constraint_comments}' ELSE '{}' END::text[]
            || CASE WHEN least.edition < 2 AND section = 'types' THEN '{privileges}' ELSE '{}' END::text[]
        FROM (
            SELECT pg_catalog.min(coalesce((entry ->> 'edition')::int4, 1))
            FROM (VALUES (entry_expected), (entry_found), (entry_led_to)) AS sides (entry) WHERE entry IS NOT NULL
        ) AS least (edition)
    ) AS keys (left_out)
) AS entries_compared (expected, found, led_to)
CROSS JOIN LATERAL (
    SELECT pg_catalog.array_agg(key ORDER BY key) FILTER (WHERE is_undone),
        pg_catalog.array_agg(found ->> key ORDER BY key) FILTER (WHERE is_undone),
        coalesce(pg_catalog.array_agg(key ORDER BY key) FILTER (WHERE NOT is_undone), '{}')
    FROM pg_catalog.jsonb_object_keys(coalesce(expected, '{}') || coalesce(found, '{}') || coalesce(led_to, '{}')) AS keys (key)
    -- Of a list what was done by hand is what came into it and what went out of it: the rest may change.
    CROSS JOIN LATERAL (
        WITH items (side, item) AS (
            SELECT side, item
            FROM (VALUES ('expected', expected -> key), ('found', found -> key), ('led to', led_to -> key)) AS lists (side, list)
            CROSS JOIN LATERAL (
                SELECT value FROM pg_catalog.jsonb_array_elements(CASE pg_catalog.jsonb_typeof(list) WHEN 'array' THEN list ELSE '[]' END)
                UNION ALL
                SELECT pg_catalog.jsonb_build_array(each.key, each.value)
                FROM pg_catalog.jsonb_each(CASE pg_catalog.jsonb_typeof(list) WHEN 'object' THEN list ELSE '{}' END) AS each
                UNION ALL -- the clauses of a sequence
                SELECT pg_catalog.to_jsonb(clause) FROM pg_catalog.regexp_split_to_table(
                    CASE WHEN section = 'sequences' AND key = 'definition' THEN list #>> '{}' END,
                    ' (?=INCREMENT|MINVALUE|MAXVALUE|START|CACHE|CYCLE|NO CYCLE)') AS clauses (clause)
            ) AS of_list (item)
        )
        SELECT CASE WHEN led_to IS NULL THEN true
            WHEN EXISTS (SELECT FROM items)
                THEN EXISTS (SELECT item FROM items WHERE side = 'found' EXCEPT SELECT item FROM items WHERE side <> 'found')
                    OR EXISTS (
                        SELECT item FROM items WHERE side = 'expected' INTERSECT SELECT item FROM items WHERE side = 'led to'
                        EXCEPT SELECT item FROM items WHERE side = 'found'
                    )
            ELSE found -> key IS DISTINCT FROM led_to -> key
        END
    ) AS undoing (is_undone)
    WHERE expected -> key IS DISTINCT FROM found -> key AND expected IS NOT NULL AND found IS NOT NULL
) AS of_both (undone, texts, kept)
CROSS JOIN LATERAL (
    SELECT CASE WHEN found IS NULL THEN '{dropped}' WHEN expected IS NULL THEN '{created}' ELSE coalesce(undone, '{}') END::text[],
        CASE WHEN expected IS NULL THEN ARRAY[found ->> 'definition'] ELSE coalesce(texts, '{NULL}') END,
        of_both.kept
) AS aspects (undone, texts, kept)
WHERE pg_catalog.jsonb_typeof(entries) = 'object' AND before ? section AND coalesce(after ? section, true)
  AND expected IS DISTINCT FROM found AND found IS DISTINCT FROM led_to
  AND coalesce((entry_expected ->> 'server')::int4 / 10000 = (entry_found ->> 'server')::int4 / 10000, true)
ORDER BY name
