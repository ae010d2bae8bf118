CREATE FUNCTION scaled(n integer, by integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n * by';
CREATE VIEW v AS SELECT scaled(a, 3) AS a FROM t;
