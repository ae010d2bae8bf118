-- viewkeeper: renamed from shown
CREATE FUNCTION card(name text, city text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT name || ' of ' || city $$;
COMMENT ON FUNCTION card(text, text) IS 'For people.';
GRANT EXECUTE ON FUNCTION card(text, text) TO PUBLIC;
CREATE VIEW cards AS SELECT id, card(name, city) AS shown FROM users;
CREATE MATERIALIZED VIEW kept AS SELECT id, public.card(name, city) AS card FROM users;
CREATE FUNCTION twice(text) RETURNS text LANGUAGE sql AS $$ SELECT card($1, $1) $$;
