CREATE AGGREGATE product(integer) (SFUNC = times, STYPE = integer, INITCOND = '1');
CREATE FUNCTION times(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * $2';
CREATE VIEW v AS SELECT product(a) AS product FROM t;
