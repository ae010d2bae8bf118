CREATE FUNCTION doubled(number integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN number * 2;
CREATE VIEW v AS SELECT doubled(number => a) AS a FROM t;
