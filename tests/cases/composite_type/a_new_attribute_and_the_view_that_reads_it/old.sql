CREATE TYPE address AS (street text);
CREATE FUNCTION home() RETURNS address LANGUAGE sql IMMUTABLE AS $$ SELECT ROW('a')::address $$;
CREATE VIEW streets AS SELECT (home()).street;
