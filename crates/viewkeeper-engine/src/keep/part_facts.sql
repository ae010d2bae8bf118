WITH RECURSIVE part AS (
  SELECT given.place, given.name, p.*
    FROM pg_catalog.unnest($1) WITH ORDINALITY AS given (name, place)
    JOIN (SELECT 'pg_catalog.pg_trigger'::pg_catalog.regclass AS catalog, oid, tgrelid AS relation, 'TRIGGER' AS word, tgname AS own, tgenabled AS firing, 0::oid AS owner, NULL::integer AS target
            FROM pg_catalog.pg_trigger WHERE NOT tgisinternal
          UNION ALL SELECT 'pg_catalog.pg_rewrite', oid, ev_class, 'RULE', rulename, ev_enabled, 0, NULL FROM pg_catalog.pg_rewrite WHERE rulename <> '_RETURN'
          UNION ALL SELECT 'pg_catalog.pg_policy', oid, polrelid, 'POLICY', polname, 'O', 0, NULL FROM pg_catalog.pg_policy
          UNION ALL SELECT 'pg_catalog.pg_event_trigger', oid, 0, 'EVENT TRIGGER', evtname, evtenabled, evtowner, NULL FROM pg_catalog.pg_event_trigger
          UNION ALL SELECT 'pg_catalog.pg_statistic_ext', oid, stxnamespace, 'STATISTICS', stxname, 'O', stxowner, stxstattarget FROM pg_catalog.pg_statistic_ext
         ) AS p ON given.name = CASE word WHEN 'EVENT TRIGGER' THEN pg_catalog.format('%s %I', word, own)
                                          WHEN 'STATISTICS' THEN pg_catalog.format('%s %s.%I', word, relation::pg_catalog.regnamespace, own)
                                          ELSE pg_catalog.format('%s %I ON %s', word, own, relation::pg_catalog.regclass) END
), clone AS ( -- what partitions have of a trigger, which may be set and said otherwise
  SELECT p.place, t.oid, t.tgrelid AS relation, t.tgname AS own, t.tgenabled AS firing, p.firing AS above
    FROM part AS p JOIN pg_catalog.pg_trigger AS t ON t.tgparentid = p.oid WHERE p.word = 'TRIGGER'
  UNION ALL SELECT c.place, t.oid, t.tgrelid, t.tgname, t.tgenabled, c.firing FROM clone AS c JOIN pg_catalog.pg_trigger AS t ON t.tgparentid = c.oid
), settings (place, step, what, value) AS ( -- one statement each: what, then value; kept is what has a value
  SELECT place, 1, pg_catalog.format('ALTER %s OWNER TO %s', name, owner::pg_catalog.regrole), '' FROM part WHERE owner <> 0
  UNION ALL SELECT place, 6, CASE word WHEN 'EVENT TRIGGER' THEN pg_catalog.format('ALTER %s %s', name, verb)
                                       ELSE pg_catalog.format('ALTER TABLE %s %s %s %I', relation::pg_catalog.regclass, verb, word, own) END, ''
    FROM part, LATERAL (SELECT CASE firing WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' END) AS v (verb)
   WHERE firing <> 'O'
  UNION ALL SELECT place, 7, pg_catalog.format('ALTER TABLE ONLY %s %s TRIGGER %I', relation::pg_catalog.regclass, verb, own), ''
    FROM clone, LATERAL (SELECT CASE firing WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END) AS v (verb)
   WHERE firing <> above
  UNION ALL SELECT place, 7, pg_catalog.format('COMMENT ON TRIGGER %I ON %s IS ', own, relation::pg_catalog.regclass), pg_catalog.quote_literal(description)
    FROM clone AS c JOIN pg_catalog.pg_description AS d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_trigger'::pg_catalog.regclass
  UNION ALL SELECT place, 6, pg_catalog.format('ALTER %s SET STATISTICS ', name), target::text FROM part WHERE target >= 0
  UNION ALL SELECT place, 7, pg_catalog.format('COMMENT ON %s IS ', name), pg_catalog.quote_literal(description)
    FROM part AS p JOIN pg_catalog.pg_description AS d ON d.objoid = p.oid AND d.objsubid = 0 AND d.classoid = p.catalog
  UNION ALL SELECT place, 7, pg_catalog.format('ALTER %s DEPENDS ON EXTENSION ', name), pg_catalog.quote_ident(extname)
    FROM part AS p JOIN pg_catalog.pg_depend AS d ON d.objid = p.oid AND d.classid = p.catalog AND d.deptype = 'x'
    JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
)
SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('relation', name, 'step', step, 'what', what, 'sql', what || value, 'optional', false)
                            ORDER BY place, step, what)
  FROM settings JOIN part USING (place)
