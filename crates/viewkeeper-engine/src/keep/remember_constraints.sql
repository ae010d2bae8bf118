-- viewkeeper: remember what is said of constraints that are made anew below, also what no migration has said
DO {tag}
BEGIN
  PERFORM pg_catalog.set_config('viewkeeper.said', COALESCE(pg_catalog.jsonb_agg(s)::text, '[]'), true) FROM (
    SELECT pg_catalog.format('COMMENT ON CONSTRAINT %I ON DOMAIN %s IS %L', conname, {domain}, description) AS sql
      FROM pg_catalog.pg_constraint AS c JOIN pg_catalog.pg_description AS d ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
     WHERE contypid = pg_catalog.to_regtype({domain}) AND conname IN ({names})) AS s;
END
{tag}
