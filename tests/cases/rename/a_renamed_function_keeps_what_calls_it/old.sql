CREATE FUNCTION shown(name text, city text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT name || ' of ' || city $$;
COMMENT ON FUNCTION shown(text, text) IS 'For people.';
GRANT EXECUTE ON FUNCTION shown(text, text) TO PUBLIC;
CREATE VIEW cards AS SELECT id, shown(name, city) FROM users;
CREATE MATERIALIZED VIEW kept AS SELECT id, public.shown(name, city) AS card FROM users;
CREATE FUNCTION twice(text) RETURNS text LANGUAGE sql AS $$ SELECT shown($1, $1) $$;
