-- viewkeeper: say again what was said of these constraints
DO {tag}
DECLARE
  statement text;
BEGIN
  FOR statement IN
    SELECT sql FROM pg_catalog.jsonb_to_recordset(pg_catalog.current_setting('viewkeeper.said')::jsonb) AS s (sql text)
  LOOP
    EXECUTE statement;
  END LOOP;
END
{tag}
