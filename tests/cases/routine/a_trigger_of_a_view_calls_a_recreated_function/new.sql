CREATE FUNCTION allowed(number integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT number';
CREATE VIEW v AS SELECT a, allowed(a) AS allowed FROM t;
