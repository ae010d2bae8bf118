-- viewkeeper: set again what is missing of them
DO {tag}
DECLARE
  statement text;
BEGIN
  FOR statement IN
    SELECT sql FROM pg_catalog.jsonb_to_recordset(pg_catalog.current_setting('viewkeeper.set')::jsonb) AS s (oid oid, option text, sql text)
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c, pg_catalog.pg_options_to_table(reloptions) WHERE c.oid = s.oid AND option_name = option)
  LOOP
    EXECUTE statement;
  END LOOP;
END
{tag};
