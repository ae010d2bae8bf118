-- The materialized views named by $1 (schemas) and $2 (names), in that order: what they read, whether readers can go on
-- while one is refreshed, and the state of what they are made from. A relation that is not there has no oid.
WITH RECURSIVE wanted AS (
    SELECT w.position, w.schema, w.name, c.oid, c.relkind, c.relispopulated
    FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY AS w (schema, name, position)
    LEFT JOIN (pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace)
        ON n.nspname = w.schema AND c.relname = w.name
),
-- Through views down to what holds rows; a table brings its partitions and children.
reads (reader, oid, relkind) AS (
    SELECT wanted.oid, wanted.oid, 'v'::"char" FROM wanted WHERE wanted.relkind = 'm'
    UNION
    SELECT reads.reader, below.oid, c.relkind
    FROM reads
    CROSS JOIN LATERAL (
        SELECT d.refobjid
        FROM pg_catalog.pg_rewrite AS r
        JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
        WHERE reads.relkind = 'v' AND r.ev_class = reads.oid
            AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> reads.oid
        UNION ALL
        SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i WHERE reads.relkind IN ('r', 'p') AND i.inhparent = reads.oid
    ) AS below (oid)
    JOIN pg_catalog.pg_class AS c ON c.oid = below.oid
    WHERE c.relkind IN ('v', 'm', 'r', 'p', 'f')
)
SELECT
    wanted.oid,
    wanted.relkind = 'm',
    wanted.relispopulated,
    -- is_usable_unique_index in matview.c
    EXISTS (
        SELECT FROM pg_catalog.pg_index AS i
        WHERE i.indrelid = wanted.oid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL
            AND 0 <> ALL (i.indkey::pg_catalog.int2[])
    ),
    ARRAY(
        SELECT reads.oid FROM reads WHERE reads.reader = wanted.oid AND reads.relkind = 'm' ORDER BY reads.oid
    ),
    -- What was written since the server began to count, and into which files: TRUNCATE makes new ones. Nothing is known of
    -- foreign tables, and of none where the server does not count.
    (
        SELECT CASE
            WHEN pg_catalog.bool_or(reads.relkind = 'f') OR NOT pg_catalog.current_setting('track_counts')::bool THEN NULL
            ELSE coalesce(pg_catalog.string_agg(
            pg_catalog.format('%s %s %s', c.oid, c.relfilenode,
                pg_catalog.pg_stat_get_tuples_inserted(c.oid) + pg_catalog.pg_stat_get_tuples_updated(c.oid)
                + pg_catalog.pg_stat_get_tuples_deleted(c.oid)), ', ' ORDER BY c.oid), '') END
        FROM reads JOIN pg_catalog.pg_class AS c ON c.oid = reads.oid
        WHERE reads.reader = wanted.oid AND reads.relkind <> 'v'
    )
FROM wanted
ORDER BY wanted.position
