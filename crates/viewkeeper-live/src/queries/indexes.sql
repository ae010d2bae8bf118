-- Indexes, those of constraints too. The definition holds the method, the keys, the predicate and storage parameters.
WITH index AS (
    SELECT i.*, c.reltablespace, c.relam, format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_depend AS d
                        WHERE d.classid = 'pg_class'::regclass AND d.objid IN (i.indexrelid, i.indrelid) AND d.deptype = 'e')
)
SELECT 'index' AS kind, index.name, property, value
FROM index
CROSS JOIN LATERAL (
    VALUES ('definition', pg_get_indexdef(index.indexrelid)),
        ('relation', index.indrelid::regclass::text),
        ('keys', (SELECT format('%s%s (%s)', CASE WHEN index.indisunique THEN 'unique ' END, m.amname,
                                -- The columns of an index keep the names that those of its relation had when it was made.
                                (SELECT string_agg(quote_ident(COALESCE(t.attname, a.attname)), ', ' ORDER BY a.attnum)
                                 FROM pg_attribute AS a
                                 LEFT JOIN pg_attribute AS t
                                     ON t.attrelid = index.indrelid AND t.attnum = index.indkey[a.attnum - 1] AND t.attnum <> 0
                                 WHERE a.attrelid = index.indexrelid))
                  FROM pg_am AS m WHERE m.oid = index.relam)),
        ('clustered', CASE WHEN index.indisclustered THEN 'yes' END),
        ('replica identity', CASE WHEN index.indisreplident THEN 'yes' END),
        ('valid', CASE WHEN NOT (index.indisvalid AND index.indisready AND index.indislive) THEN 'no' END),
        ('tablespace', (SELECT t.spcname FROM pg_tablespace AS t WHERE t.oid = index.reltablespace)),
        ('parent', (SELECT p.inhparent::regclass::text FROM pg_inherits AS p WHERE p.inhrelid = index.indexrelid)),
        ('statistics targets', (SELECT string_agg(format('%s: %s', a.attnum, to_jsonb(a) ->> 'attstattarget'), ', ' ORDER BY a.attnum)
                                FROM pg_attribute AS a
                                WHERE a.attrelid = index.indexrelid AND to_jsonb(a) ->> 'attstattarget' <> '-1')),
        ('comment', obj_description(index.indexrelid, 'pg_class'))
) AS fact (property, value)
WHERE value IS NOT NULL
