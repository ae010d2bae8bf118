-- viewkeeper: set again what hung on these indexes and is missing now
DO {tag}
DECLARE
  fact record;
  number integer;
BEGIN
  FOR fact IN
    SELECT f.*, c.oid, c.reltablespace, pg_catalog.obj_description(c.oid, 'pg_class') AS comment
      FROM pg_catalog.jsonb_to_recordset(pg_catalog.current_setting('viewkeeper.indexes')::jsonb) AS f (name text, what text, expression text, sql text)
      JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(f.name)
  LOOP
    IF fact.what = 'target' THEN -- it hangs on the expression, wherever that stands now
      SELECT min(attnum) INTO number FROM pg_catalog.pg_attribute
       WHERE attrelid = fact.oid AND pg_catalog.pg_get_indexdef(fact.oid, attnum, false) = fact.expression;
      IF number IS NULL THEN
        RAISE WARNING 'viewkeeper: the statistics target of % went with it from index %', fact.expression, fact.name;
      ELSE
        EXECUTE pg_catalog.format(fact.sql, number);
      END IF;
    ELSIF NOT (fact.what = 'tablespace' AND fact.reltablespace <> 0 OR fact.what = 'comment' AND fact.comment IS NOT NULL) THEN
      EXECUTE fact.sql;
    END IF;
  END LOOP;
END
{tag};
