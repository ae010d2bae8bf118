-- viewkeeper: remember what hangs on the indexes that are made anew below, also what no migration has given them
DO {tag}
BEGIN
  PERFORM pg_catalog.set_config('viewkeeper.indexes', COALESCE(pg_catalog.jsonb_agg(f)::text, '[]'), true) FROM (
    WITH index AS (
      SELECT c.oid, c.reltablespace, i.indisclustered, CASE r.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END AS kind, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, pg_catalog.quote_ident(c.relname) AS own,
             pg_catalog.format('%I.%I', m.nspname, r.relname) AS of
        FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
        JOIN pg_catalog.pg_class AS r ON r.oid = i.indrelid JOIN pg_catalog.pg_namespace AS m ON m.oid = r.relnamespace
       WHERE c.oid IN (SELECT pg_catalog.to_regclass(name) FROM pg_catalog.unnest(ARRAY[{names}]) AS v (name))
    )
    SELECT name, 'tablespace' AS what, NULL AS expression, pg_catalog.format('ALTER INDEX %s SET TABLESPACE %I', name, spcname) AS sql
      FROM index JOIN pg_catalog.pg_tablespace AS s ON s.oid = reltablespace
    UNION ALL SELECT name, 'target', pg_catalog.pg_get_indexdef(i.oid, attnum, false), pg_catalog.format('ALTER INDEX %s ALTER COLUMN %%s SET STATISTICS %s', pg_catalog.replace(name, '%', '%%'), attstattarget)
      FROM index AS i JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.oid AND attstattarget >= 0
    UNION ALL SELECT name, 'cluster', NULL, pg_catalog.format('ALTER %s %s CLUSTER ON %s', kind, of, own) FROM index WHERE indisclustered
    UNION ALL SELECT name, 'comment', NULL, pg_catalog.format('COMMENT ON INDEX %s IS %L', name, description)
      FROM index AS i JOIN pg_catalog.pg_description AS d ON d.objoid = i.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
    UNION ALL SELECT name, 'extension', NULL, pg_catalog.format('ALTER INDEX %s DEPENDS ON EXTENSION %I', name, extname)
      FROM index AS i JOIN pg_catalog.pg_depend AS d ON d.objid = i.oid AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = 'x'
      JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass) AS f;
END
{tag};
