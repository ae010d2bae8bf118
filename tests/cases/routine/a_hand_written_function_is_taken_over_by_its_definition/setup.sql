CREATE TABLE t (a integer);
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vk_reader') THEN
        CREATE ROLE vk_reader;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vk_writer') THEN
        CREATE ROLE vk_writer;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';
ALTER FUNCTION f(integer) STABLE;
COMMENT ON FUNCTION f IS 'hand-written';
GRANT EXECUTE ON FUNCTION f(integer) TO vk_reader;
ALTER FUNCTION f(integer) OWNER TO vk_writer;
CREATE VIEW by_hand AS SELECT f(a) AS a FROM t;
