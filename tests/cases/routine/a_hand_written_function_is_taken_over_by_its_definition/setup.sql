CREATE TABLE t (a integer);
CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';
ALTER FUNCTION f(integer) STABLE;
COMMENT ON FUNCTION f IS 'hand-written';
GRANT EXECUTE ON FUNCTION f(integer) TO vk_reader;
ALTER FUNCTION f(integer) OWNER TO vk_writer;
CREATE VIEW by_hand AS SELECT f(a) AS a FROM t;
