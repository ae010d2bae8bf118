-- viewkeeper: remember what is said of constraints that are made anew below, also what no migration has said
DO {tag}
BEGIN
  PERFORM pg_catalog.set_config('viewkeeper.said_of_tables', COALESCE(pg_catalog.jsonb_agg(s)::text, '[]'), true) FROM (
    SELECT c.conrelid AS "table", c.conname AS name, d.description AS comment
      FROM (VALUES {names}) AS v (relation, name) JOIN pg_catalog.pg_constraint AS c ON c.conrelid = pg_catalog.to_regclass(v.relation) AND c.conname = v.name
      JOIN pg_catalog.pg_description AS d ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass) AS s;
END
{tag}
