CREATE TYPE floatrange AS RANGE (subtype = float8);
COMMENT ON TYPE floatrange IS 'from to';
CREATE FUNCTION width(floatrange) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT upper($1) - lower($1)';
CREATE VIEW ranges AS SELECT floatrange(1, 2) AS one, floatmultirange(floatrange(1, 2)) AS many;
