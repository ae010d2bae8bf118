-- viewkeeper: say again what was said of these constraints
DO {tag}
DECLARE
  said record;
BEGIN
  FOR said IN
    SELECT * FROM pg_catalog.jsonb_to_recordset(pg_catalog.current_setting('viewkeeper.said_of_tables')::jsonb) AS s ("table" oid, name text, comment text)
  LOOP
    EXECUTE pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS %L', said.name, said."table"::pg_catalog.regclass, said.comment);
  END LOOP;
END
{tag}
