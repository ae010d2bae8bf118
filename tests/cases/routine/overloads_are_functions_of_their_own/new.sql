CREATE FUNCTION shown(integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'number ' || $1 $$;
CREATE FUNCTION shown(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'word ' || $1 $$;
CREATE FUNCTION shown(bigint[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'numbers ' || $1::text $$;
COMMENT ON FUNCTION shown(int8[]) IS 'many';
COMMENT ON FUNCTION shown(text) IS 'one';
CREATE VIEW v AS SELECT shown(a) AS a, shown(b) AS b, shown(c) AS c FROM t;
