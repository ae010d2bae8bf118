WITH routine AS (
  SELECT p.oid, p.proowner, p.proacl, given.place, given.name, 'ROUTINE ' || p.oid::pg_catalog.regprocedure AS object
    FROM pg_catalog.unnest($1) WITH ORDINALITY AS given (name, place)
    JOIN pg_catalog.pg_proc AS p ON p.oid = pg_catalog.to_regprocedure(given.name)
), settings (place, step, what, value) AS ( -- one statement each: what, then value; kept is what has a value
  SELECT place, 1, pg_catalog.format('ALTER %s OWNER TO %s', object, proowner::pg_catalog.regrole), '' FROM routine
  UNION ALL SELECT place, 7, pg_catalog.format('COMMENT ON %s IS ', object), pg_catalog.quote_literal(description)
    FROM routine AS r JOIN pg_catalog.pg_description AS d
      ON d.objoid = r.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass
  UNION ALL SELECT place, 7, pg_catalog.format('SECURITY LABEL FOR %I ON %s IS ', provider, object), pg_catalog.quote_literal(label)
    FROM routine AS r JOIN pg_catalog.pg_seclabel AS l
      ON l.objoid = r.oid AND l.objsubid = 0 AND l.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass
  UNION ALL SELECT place, 7, pg_catalog.format('ALTER %s DEPENDS ON EXTENSION ', object), pg_catalog.quote_ident(extname)
    FROM routine AS r JOIN pg_catalog.pg_depend AS d
      ON d.objid = r.oid AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.deptype = 'x'
    JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
), facts (place, step, nth, what, sql, col, optional, role, revoke) AS (
  SELECT place, step, 0, what, what || value, NULL::name, false, NULL::name, NULL::text FROM settings WHERE value IS NOT NULL
  UNION ALL -- privileges; who has one from another role than the owner gets it from that role again
  SELECT place, CASE WHEN grantor = proowner THEN 8 ELSE 9 END, nth,
         pg_catalog.format('%s TO %s%s GRANTED BY %s', what, whom, option, grantor::pg_catalog.regrole),
         pg_catalog.format('GRANT %s TO %s%s', what, whom, option), NULL, false,
         CASE WHEN grantor <> proowner THEN pg_catalog.pg_get_userbyid(grantor) END, pg_catalog.format('REVOKE %s FROM %s', what, whom)
    FROM routine AS r,
         pg_catalog.aclexplode(COALESCE(proacl, pg_catalog.acldefault('f', proowner)))
           WITH ORDINALITY AS p (grantor, grantee, privilege, grantable, nth),
         LATERAL (SELECT pg_catalog.format('%s ON %s', privilege, object) AS what,
                         CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::pg_catalog.regrole::text END AS whom,
                         CASE WHEN grantable THEN ' WITH GRANT OPTION' END AS option) AS t
)
SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(f) || pg_catalog.jsonb_build_object('relation', name) ORDER BY place, step, nth, what)
  FROM facts AS f JOIN routine AS r USING (place)
