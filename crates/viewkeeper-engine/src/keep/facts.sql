WITH relation AS (
  SELECT c.*, given.place, c.oid::pg_catalog.regclass AS name,
         CASE c.relkind WHEN 'v' THEN 'VIEW ' ELSE 'MATERIALIZED VIEW ' END || c.oid::pg_catalog.regclass AS object
    FROM pg_catalog.unnest($1) WITH ORDINALITY AS given (name, place)
    JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(given.name) AND c.relkind IN ('v', 'm')
), columns AS (
  SELECT r.place, r.relkind, r.relowner, r.name, r.object, pg_catalog.format('ALTER %s ALTER COLUMN %I', r.object, a.attname) AS alter, a.*
    FROM relation AS r JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
), indexes AS (
  SELECT r.place, r.object AS of, 'INDEX ' || c.oid::pg_catalog.regclass AS object, c.oid, c.relname, c.reltablespace, i.*
    FROM relation AS r JOIN pg_catalog.pg_index AS i ON i.indrelid = r.oid JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
), statistics AS (
  SELECT r.place, pg_catalog.format('STATISTICS %s.%I', s.stxnamespace::pg_catalog.regnamespace, s.stxname) AS object, s.*
    FROM relation AS r JOIN pg_catalog.pg_statistic_ext AS s ON s.stxrelid = r.oid
), objects (place, catalog, oid, sub, object, col, optional, definition) AS (
  SELECT place, 'pg_catalog.pg_class'::pg_catalog.regclass, oid, 0, object, NULL::name, false, NULL::text FROM relation
  UNION ALL SELECT place, 'pg_catalog.pg_class', attrelid, attnum, pg_catalog.format('COLUMN %s.%I', name, attname), attname, false, NULL FROM columns
  UNION ALL SELECT place, 'pg_catalog.pg_class', oid, 0, object, NULL, NOT indisvalid,
                   CASE WHEN indisvalid THEN pg_catalog.pg_get_indexdef(oid) ELSE 'CREATE invalid ' || object END FROM indexes
  UNION ALL SELECT place, 'pg_catalog.pg_statistic_ext', oid, 0, object, NULL, true, pg_catalog.pg_get_statisticsobjdef(oid) FROM statistics
  UNION ALL SELECT place, 'pg_catalog.pg_trigger', t.oid, 0, pg_catalog.format('TRIGGER %I ON %s', tgname, name), NULL, false, pg_catalog.pg_get_triggerdef(t.oid)
    FROM relation AS r JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = r.oid AND NOT t.tgisinternal
  UNION ALL SELECT place, 'pg_catalog.pg_rewrite', w.oid, 0, pg_catalog.format('RULE %I ON %s', rulename, name), NULL, false,
                   CASE WHEN rulename <> '_RETURN' THEN pg_catalog.pg_get_ruledef(w.oid) END
    FROM relation AS r JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = r.oid
), settings (place, step, what, value, col, optional) AS ( -- one statement each: what, then value; kept is what has a value
  SELECT place, 1, pg_catalog.format('ALTER %s OWNER TO %s', object, relowner::pg_catalog.regrole), '', NULL::name, false FROM relation
  UNION ALL SELECT place, 2, pg_catalog.format('ALTER %s SET (%s%I', object, prefix, option_name), pg_catalog.format(' = %L)', option_value), NULL, prefix <> ''
    FROM relation AS r LEFT JOIN pg_catalog.pg_class AS t ON t.oid = r.reltoastrelid,
         LATERAL (VALUES ('', r.reloptions), ('toast.', t.reloptions)) AS o (prefix, options), pg_catalog.pg_options_to_table(options)
  UNION ALL SELECT place, 2, pg_catalog.format('ALTER %s SET ACCESS METHOD ', object), pg_catalog.quote_ident(amname), NULL, false
    FROM relation AS r JOIN pg_catalog.pg_am AS m ON m.oid = r.relam AND m.amname <> pg_catalog.current_setting('default_table_access_method')
  UNION ALL SELECT place, 2, pg_catalog.format('ALTER %s SET TABLESPACE ', object), pg_catalog.quote_ident(spcname), NULL, false
    FROM relation AS r JOIN pg_catalog.pg_tablespace AS s ON s.oid = r.reltablespace
  UNION ALL SELECT place, 3, alter || ' SET STORAGE ', CASE attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END, attname, true
    FROM columns AS c JOIN pg_catalog.pg_type AS t ON t.oid = c.atttypid AND t.typstorage <> c.attstorage WHERE relkind = 'm'
  UNION ALL SELECT place, 3, alter || ' SET COMPRESSION ', CASE attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END, attname, true FROM columns
  UNION ALL SELECT place, 3, alter || ' SET STATISTICS ', attstattarget::text, attname, false FROM columns WHERE relkind = 'm' AND attstattarget >= 0
  UNION ALL SELECT place, 3, pg_catalog.format('%s SET (%I', alter, option_name), pg_catalog.format(' = %L)', option_value), attname, false
    FROM columns, pg_catalog.pg_options_to_table(attoptions) WHERE option_name <> 'pg_attver' -- the server's own
  UNION ALL SELECT place, 4, 'REFRESH MATERIALIZED VIEW ' || name, '', NULL, false FROM relation WHERE relkind = 'm' AND relispopulated
  -- Step 5: what the objects are made with.
  UNION ALL SELECT place, 6, pg_catalog.format('ALTER %s SET TABLESPACE ', object), pg_catalog.quote_ident(spcname), NULL, NOT indisvalid
    FROM indexes AS i JOIN pg_catalog.pg_tablespace AS s ON s.oid = i.reltablespace
  UNION ALL SELECT place, 6, pg_catalog.format('ALTER %s ALTER COLUMN %s SET STATISTICS ', object, attnum), attstattarget::text, NULL, NOT indisvalid
    FROM indexes AS i JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.oid AND a.attstattarget >= 0
  UNION ALL SELECT place, 6, pg_catalog.format('ALTER %s CLUSTER ON ', of), pg_catalog.quote_ident(relname), NULL, NOT indisvalid FROM indexes WHERE indisclustered
  UNION ALL SELECT r.place, 6, pg_catalog.format('ALTER %s REPLICA IDENTITY ', r.object),
                   CASE relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' ELSE 'USING INDEX ' || pg_catalog.quote_ident(i.relname) END, NULL, false
    FROM relation AS r LEFT JOIN indexes AS i ON i.indrelid = r.oid AND i.indisreplident WHERE relkind = 'm' AND relreplident <> 'd'
  UNION ALL SELECT place, 6, pg_catalog.format('ALTER %s OWNER TO %s', object, stxowner::pg_catalog.regrole), '', NULL, true FROM statistics
  UNION ALL SELECT place, 6, pg_catalog.format('ALTER %s SET STATISTICS ', object), stxstattarget::text, NULL, true FROM statistics WHERE stxstattarget >= 0
  UNION ALL SELECT place, 6, alter || ' SET DEFAULT ', pg_catalog.pg_get_expr(adbin, adrelid), attname, false
    FROM columns AS c JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = c.attrelid AND d.adnum = c.attnum
  UNION ALL SELECT place, 7, pg_catalog.format('COMMENT ON %s IS ', object), pg_catalog.quote_literal(description), col, optional
    FROM objects AS o JOIN pg_catalog.pg_description AS d ON d.objoid = o.oid AND d.objsubid = o.sub AND d.classoid = o.catalog
  UNION ALL SELECT place, 7, pg_catalog.format('SECURITY LABEL FOR %I ON %s IS ', provider, object), pg_catalog.quote_literal(label), col, optional
    FROM objects AS o JOIN pg_catalog.pg_seclabel AS l ON l.objoid = o.oid AND l.objsubid = o.sub AND l.classoid = o.catalog
  UNION ALL SELECT place, 7, pg_catalog.format('ALTER %s DEPENDS ON EXTENSION ', object), pg_catalog.quote_ident(extname), col, optional
    FROM objects AS o JOIN pg_catalog.pg_depend AS d ON d.objid = o.oid AND d.objsubid = o.sub AND d.classid = o.catalog AND d.deptype = 'x'
    JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
), facts (place, step, nth, what, sql, col, optional, role, revoke) AS (
  SELECT place, step, 0, what, what || value, col, optional, NULL::name, NULL::text FROM settings WHERE value IS NOT NULL
  UNION ALL SELECT place, 5, 0, object, definition, NULL, optional, NULL, NULL FROM objects WHERE definition IS NOT NULL
{privileges})
SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(f) || pg_catalog.jsonb_build_object('relation', name) ORDER BY place, step, nth, what)
  FROM facts AS f JOIN relation AS r USING (place)
