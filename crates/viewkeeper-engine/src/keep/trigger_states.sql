    SELECT t.oid, NULL AS option, pg_catalog.format('ALTER TABLE %I.%I %s TRIGGER %I', nspname, relname,
             CASE tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE REPLICA' END, tgname) AS sql
      FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = tgrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = relnamespace
     WHERE tgenabled <> 'O' AND pg_catalog.format('TRIGGER %I ON %I.%I', tgname, nspname, relname) IN ({names})
