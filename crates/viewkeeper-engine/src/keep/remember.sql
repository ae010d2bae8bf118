-- viewkeeper: remember what was set by hand on what is replaced below, where PostgreSQL resets it
DO {tag}
BEGIN
  PERFORM pg_catalog.set_config('viewkeeper.set', COALESCE(pg_catalog.jsonb_agg(s)::text, '[]'), true) FROM (
{facts}) AS s;
END
{tag};
