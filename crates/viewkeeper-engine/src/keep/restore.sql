-- viewkeeper: restore what hung on these {things} and is missing now
DO {tag}
DECLARE
  {things} CONSTANT text[] := ARRAY[{names}];
  path CONSTANT text := pg_catalog.current_setting('search_path');
  own_role CONSTANT text := pg_catalog.current_setting('role');
  kept CONSTANT jsonb := NULLIF(pg_catalog.current_setting('viewkeeper.{kept}', true), '');
  present jsonb;
  fact record;
  statement text;
  reasons jsonb := pg_catalog.jsonb_build_object();
BEGIN
  IF kept IS NULL THEN
    RAISE EXCEPTION 'viewkeeper: nothing was kept in this transaction'
      USING HINT = 'run the whole migration, from its first line, in one transaction';
  END IF;
  BEGIN
    -- First the owners; then all else, twice since a privilege may have been passed on; then what is still missing is told.
    FOR round IN 1..4 LOOP
      PERFORM pg_catalog.set_config('search_path', '', true);
      EXECUTE pg_catalog.current_setting('viewkeeper.{stored_facts}') INTO present USING {things};
      PERFORM pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', 'pg_catalog', NULLIF(path, '')), true);
      FOR fact IN
        WITH old AS (
          SELECT * FROM ROWS FROM (pg_catalog.jsonb_to_recordset(kept) AS
            (relation text, step integer, what text, sql text, col text, optional boolean, role text)) WITH ORDINALITY AS k
        ), new AS (
          SELECT * FROM pg_catalog.jsonb_to_recordset(present) AS p (relation text, what text, revoke text)
        )
        SELECT ordinality, sql, col, optional, role, col IS NOT NULL AND NOT EXISTS (
                 SELECT FROM pg_catalog.pg_attribute
                  WHERE attrelid = pg_catalog.to_regclass(relation) AND attname = col AND NOT attisdropped) AS gone
          FROM old WHERE what NOT IN (SELECT what FROM new) AND (step = 1 OR round > 1)
        UNION ALL -- what only default privileges have given
        SELECT 0, revoke, NULL, false, NULL, false
          FROM new WHERE revoke IS NOT NULL AND what NOT IN (SELECT what FROM old) AND relation IN (SELECT relation FROM old) AND round > 1
         ORDER BY 1
      LOOP
        statement := fact.sql;
        IF fact.gone THEN
          IF round = 4 THEN
            RAISE WARNING 'viewkeeper: gone with its column: %', fact.sql;
          END IF;
        ELSIF round < 4 AND (fact.optional OR fact.role IS NOT NULL) THEN
          BEGIN
            PERFORM pg_catalog.set_config('role', COALESCE(fact.role, own_role), true);
            EXECUTE fact.sql;
            PERFORM pg_catalog.set_config('role', own_role, true);
          EXCEPTION WHEN OTHERS THEN
            reasons := reasons || pg_catalog.jsonb_build_object(fact.sql, SQLERRM);
          END;
        ELSIF round < 4 THEN
          EXECUTE fact.sql;
        ELSIF fact.role IS NOT NULL THEN
          EXECUTE fact.sql;
          RAISE WARNING 'viewkeeper: granted by the owner, no longer by %: %', fact.role, fact.sql;
        ELSIF fact.optional THEN
          RAISE WARNING 'viewkeeper: not restored: %: %', fact.sql, COALESCE(reasons ->> fact.sql, 'it has no effect');
        ELSE
          RAISE EXCEPTION 'it has no effect';
        END IF;
      END LOOP;
      EXIT WHEN round > 1 AND NOT FOUND;
    END LOOP;
    PERFORM pg_catalog.set_config('search_path', path, true),
            pg_catalog.set_config('viewkeeper.{stored_facts}', '', true),
            pg_catalog.set_config('viewkeeper.{kept}', '', true);
  EXCEPTION WHEN OTHERS THEN
    RAISE EXCEPTION 'viewkeeper: cannot restore: %: %', statement, SQLERRM USING ERRCODE = SQLSTATE;
  END;
END
{tag};
