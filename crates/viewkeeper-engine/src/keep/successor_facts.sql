WITH relation AS ( -- what is kept of a view is given to a materialized view, and the other way round
  SELECT c.*, given.place, c.oid::pg_catalog.regclass AS name,
         CASE c.relkind WHEN 'v' THEN 'MATERIALIZED VIEW ' ELSE 'VIEW ' END || c.oid::pg_catalog.regclass AS successor
    FROM pg_catalog.unnest($1) WITH ORDINALITY AS given (name, place)
    JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(given.name) AND c.relkind IN ('v', 'm')
), columns AS (
  SELECT r.place, r.relowner, r.name, a.*
    FROM relation AS r JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
), objects (place, oid, sub, object, successor, col) AS (
  SELECT place, oid, 0, name::text, successor, NULL::name FROM relation
  UNION ALL SELECT place, attrelid, attnum, c.object, c.object, attname
    FROM columns, LATERAL (SELECT pg_catalog.format('COLUMN %s.%I', name, attname) AS object) AS c
), facts (place, step, nth, what, sql, col, optional, role, revoke) AS (
  SELECT place, 1, 0, o.sql, o.sql, NULL::name, false, NULL::name, NULL::text
    FROM relation, LATERAL (SELECT pg_catalog.format('ALTER TABLE %s OWNER TO %s', name, relowner::pg_catalog.regrole) AS sql) AS o
  UNION ALL SELECT place, 7, 0, 'COMMENT ON ' || object, pg_catalog.format('COMMENT ON %s IS %L', successor, description), col, false, NULL, NULL
    FROM objects AS o JOIN pg_catalog.pg_description AS d ON d.objoid = o.oid AND d.objsubid = o.sub AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
  UNION ALL SELECT place, 7, 0, pg_catalog.format('SECURITY LABEL FOR %I ON %s', provider, object),
                   pg_catalog.format('SECURITY LABEL FOR %I ON %s IS %L', provider, successor, label), col, false, NULL, NULL
    FROM objects AS o JOIN pg_catalog.pg_seclabel AS l ON l.objoid = o.oid AND l.objsubid = o.sub AND l.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
{privileges})
SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(f) || pg_catalog.jsonb_build_object('relation', name) ORDER BY place, step, nth, what)
  FROM facts AS f JOIN relation AS r USING (place)
