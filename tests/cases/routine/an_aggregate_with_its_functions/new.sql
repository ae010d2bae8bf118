CREATE AGGREGATE product(integer) (SFUNC = times, STYPE = integer, INITCOND = '2');
CREATE FUNCTION times(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * coalesce($2, 1)';
COMMENT ON AGGREGATE product(integer) IS 'all multiplied';
CREATE VIEW v AS SELECT product(a) AS product FROM t;
