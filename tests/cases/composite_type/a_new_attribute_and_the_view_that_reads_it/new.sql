CREATE TYPE zip AS ENUM ('a', 'b');
CREATE TYPE address AS (street text, zip zip);
CREATE FUNCTION home() RETURNS address LANGUAGE sql IMMUTABLE AS $$ SELECT ROW('a', 'a')::address $$;
CREATE VIEW streets AS SELECT (home()).street, (home()).zip;
