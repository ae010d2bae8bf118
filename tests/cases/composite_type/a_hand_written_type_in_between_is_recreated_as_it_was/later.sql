CREATE TYPE country AS (code code, name text /* in English */);
COMMENT ON TYPE country IS 'of the world';
CREATE FUNCTION name_of(country) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.name';
