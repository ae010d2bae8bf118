CREATE FUNCTION doubled(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n * 2;
CREATE VIEW v AS SELECT doubled(n => a) AS a FROM t;
