CREATE FUNCTION allowed(a integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a';
CREATE VIEW v AS SELECT a, allowed(a) AS allowed FROM t;
