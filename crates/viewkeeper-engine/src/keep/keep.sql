-- viewkeeper: keep what hangs on the {things} that are {made} below, also what no migration has given them
LOCK TABLE pg_catalog.pg_rewrite IN ACCESS SHARE MODE; -- refused outside of a transaction, where nothing would be kept
DO {tag}
DECLARE
  {things} CONSTANT text[] := ARRAY[{names}];
  path CONSTANT text := pg_catalog.current_setting('search_path');
  facts CONSTANT text := $facts$
{facts}$facts$;
  kept jsonb;
BEGIN
  IF pg_catalog.current_setting('viewkeeper.{kept}', true) <> '' THEN
    RAISE EXCEPTION 'viewkeeper: what was kept before is not restored yet';
  END IF;
  PERFORM pg_catalog.set_config('search_path', '', true); -- names are printed with their schemas
  EXECUTE facts INTO kept USING {things};
  PERFORM pg_catalog.set_config('search_path', path, true),
          pg_catalog.set_config('viewkeeper.{stored_facts}', facts, true),
          pg_catalog.set_config('viewkeeper.{kept}', COALESCE(kept, '[]')::text, true);
END
{tag};
