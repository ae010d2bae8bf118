    SELECT oid, NULL AS option, pg_catalog.format('ALTER TABLE ONLY %I.%I %s TRIGGER %I', nspname, relname,
             CASE tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE REPLICA' END, tgname) AS sql
      FROM (WITH RECURSIVE t AS ( -- the ones below are those of partitions
        SELECT t.oid, tgname, tgenabled, nspname, relname
          FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = tgrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = relnamespace
         WHERE pg_catalog.format('TRIGGER %I ON %I.%I', tgname, nspname, relname) IN ({names})
        UNION ALL SELECT b.oid, b.tgname, b.tgenabled, n.nspname, c.relname
          FROM t JOIN pg_catalog.pg_trigger AS b ON b.tgparentid = t.oid
          JOIN pg_catalog.pg_class AS c ON c.oid = b.tgrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      ) SELECT * FROM t WHERE tgenabled <> 'O') AS t
