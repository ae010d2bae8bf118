-- All that the catalogs hold of the relations and what hangs on them, without numbers that change when they are made anew.
SET search_path = '';
SELECT 'class', c.oid::regclass, c.relkind, c.relowner::regrole, c.relispopulated, c.relreplident, s.spcname, a.amname,
       (SELECT array_agg(o ORDER BY o) FROM unnest(c.reloptions) AS o), t.reloptions AS toast
  FROM pg_class AS c LEFT JOIN pg_class AS t ON t.oid = c.reltoastrelid
  LEFT JOIN pg_tablespace AS s ON s.oid = c.reltablespace LEFT JOIN pg_am AS a ON a.oid = c.relam
 WHERE c.relkind IN ('v', 'm', 'i') AND c.oid >= 16384 AND c.relnamespace <> 'pg_toast'::regnamespace;
SELECT 'column', c.oid::regclass, a.attnum, a.attname, a.atttypid::regtype, a.attstattarget, a.attstorage, a.attcompression,
       (SELECT array_agg(o) FROM unnest(a.attoptions) AS o WHERE o NOT LIKE 'pg\_attver=%')
  FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
 WHERE c.relkind IN ('v', 'm', 'i') AND c.oid >= 16384 AND c.relnamespace <> 'pg_toast'::regnamespace;
SELECT 'privilege', c.oid::regclass, p.*
  FROM pg_class AS c, aclexplode(COALESCE(c.relacl, acldefault('r', c.relowner))) AS p WHERE c.relkind IN ('v', 'm', 'r') AND c.oid >= 16384;
SELECT 'column privilege', a.attrelid::regclass, a.attname, p.* FROM pg_attribute AS a, aclexplode(a.attacl) AS p WHERE a.attrelid >= 16384;
SELECT 'trigger', tgrelid::regclass, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger;
SELECT 'rule', ev_class::regclass, ev_enabled, pg_get_ruledef(oid) FROM pg_rewrite WHERE ev_class >= 16384;
SELECT 'index', pg_get_indexdef(indexrelid), indisvalid, indisclustered, indisreplident
  FROM pg_index JOIN pg_class AS c ON c.oid = indrelid WHERE c.relkind <> 't' AND c.oid >= 16384;
SELECT 'statistics', pg_get_statisticsobjdef(oid), stxowner::regrole, stxstattarget FROM pg_statistic_ext;
SELECT 'default', adrelid::regclass, adnum, pg_get_expr(adbin, adrelid) FROM pg_attrdef;
SELECT 'comment', pg_describe_object(classoid, objoid, objsubid), description FROM pg_description WHERE objoid >= 16384;
SELECT 'depends on extension', pg_describe_object(classid, objid, objsubid), refobjid FROM pg_depend WHERE deptype = 'x';
