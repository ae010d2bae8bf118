  UNION ALL -- privileges; who has one from another role than the owner gets it from that role again
  SELECT place, CASE WHEN grantor = relowner THEN 8 ELSE 9 END, nth,
         pg_catalog.format('%s TO %s%s GRANTED BY %s', what, whom, option, grantor::pg_catalog.regrole),
         pg_catalog.format('GRANT %s TO %s%s', what, whom, option), col, false,
         CASE WHEN grantor <> relowner THEN pg_catalog.pg_get_userbyid(grantor) END, pg_catalog.format('REVOKE %s FROM %s', what, whom)
    FROM (SELECT place, name, relowner, NULL::name AS col, COALESCE(relacl, pg_catalog.acldefault('r', relowner)) AS acl FROM relation
          UNION ALL SELECT place, name, relowner, attname, attacl FROM columns) AS a,
         pg_catalog.aclexplode(acl) WITH ORDINALITY AS p (grantor, grantee, privilege, grantable, nth),
         LATERAL (SELECT pg_catalog.format(CASE WHEN col IS NULL THEN '%1$s ON %3$s' ELSE '%1$s (%2$I) ON %3$s' END, privilege, col, name) AS what,
                         CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::pg_catalog.regrole::text END AS whom,
                         CASE WHEN grantable THEN ' WITH GRANT OPTION' END AS option) AS t
