WITH type AS (
  SELECT t.oid, t.typowner, t.typacl, t.typrelid, t.typtype, t.typnotnull, t.typdefaultbin, given.place, given.name, 'TYPE ' || t.oid::pg_catalog.regtype AS object
    FROM pg_catalog.unnest($1) WITH ORDINALITY AS given (name, place)
    JOIN pg_catalog.pg_type AS t ON t.oid = pg_catalog.to_regtype(given.name)
), objects (place, catalog, oid, sub, object) AS (
  SELECT place, 'pg_catalog.pg_type'::pg_catalog.regclass, oid, 0, object FROM type
  UNION ALL SELECT place, 'pg_catalog.pg_class', attrelid, attnum, pg_catalog.format('COLUMN %s.%I', t.oid::pg_catalog.regtype, attname)
    FROM type AS t JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL SELECT place, 'pg_catalog.pg_constraint', c.oid, 0, pg_catalog.format('CONSTRAINT %I ON DOMAIN %s', conname, t.oid::pg_catalog.regtype)
    FROM type AS t JOIN pg_catalog.pg_constraint AS c ON c.contypid = t.oid
), settings (place, step, what, value) AS ( -- one statement each: what, then value; kept is what has a value
  SELECT place, 1, pg_catalog.format('ALTER %s OWNER TO %s', object, typowner::pg_catalog.regrole), '' FROM type
  UNION ALL SELECT place, 2, pg_catalog.format('ALTER DOMAIN %s SET DEFAULT ', oid::pg_catalog.regtype), pg_catalog.pg_get_expr(typdefaultbin, 0)
    FROM type WHERE typtype = 'd'
  UNION ALL SELECT place, 2, pg_catalog.format('ALTER DOMAIN %s SET NOT NULL', oid::pg_catalog.regtype), '' FROM type WHERE typtype = 'd' AND typnotnull
  UNION ALL SELECT place, 3, pg_catalog.format('ALTER DOMAIN %s ADD CONSTRAINT %I ', t.oid::pg_catalog.regtype, conname), pg_catalog.pg_get_constraintdef(c.oid)
    FROM type AS t JOIN pg_catalog.pg_constraint AS c ON c.contypid = t.oid AND c.contype = 'c'
  UNION ALL SELECT place, 7, pg_catalog.format('COMMENT ON %s IS ', object), pg_catalog.quote_literal(description)
    FROM objects AS o JOIN pg_catalog.pg_description AS d ON d.objoid = o.oid AND d.objsubid = o.sub AND d.classoid = o.catalog
  UNION ALL SELECT place, 7, pg_catalog.format('SECURITY LABEL FOR %I ON %s IS ', provider, object), pg_catalog.quote_literal(label)
    FROM objects AS o JOIN pg_catalog.pg_seclabel AS l ON l.objoid = o.oid AND l.objsubid = o.sub AND l.classoid = o.catalog
), facts (place, step, nth, what, sql, col, optional, role, revoke) AS (
  SELECT place, step, 0, what, what || value, NULL::name, false, NULL::name, NULL::text FROM settings WHERE value IS NOT NULL
  UNION ALL -- privileges; who has one from another role than the owner gets it from that role again
  SELECT place, CASE WHEN grantor = typowner THEN 8 ELSE 9 END, nth,
         pg_catalog.format('%s TO %s%s GRANTED BY %s', what, whom, option, grantor::pg_catalog.regrole),
         pg_catalog.format('GRANT %s TO %s%s', what, whom, option), NULL, false,
         CASE WHEN grantor <> typowner THEN pg_catalog.pg_get_userbyid(grantor) END, pg_catalog.format('REVOKE %s FROM %s', what, whom)
    FROM type AS r,
         pg_catalog.aclexplode(COALESCE(typacl, pg_catalog.acldefault('T', typowner)))
           WITH ORDINALITY AS p (grantor, grantee, privilege, grantable, nth),
         LATERAL (SELECT pg_catalog.format('%s ON %s', privilege, object) AS what,
                         CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::pg_catalog.regrole::text END AS whom,
                         CASE WHEN grantable THEN ' WITH GRANT OPTION' END AS option) AS t
)
SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(f) || pg_catalog.jsonb_build_object('relation', name) ORDER BY place, step, nth, what)
  FROM facts AS f JOIN type AS r USING (place)
