CREATE FUNCTION base(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION by_hand(n integer DEFAULT base(1)) RETURNS integer LANGUAGE sql AS 'SELECT n';
ALTER FUNCTION by_hand(integer) STABLE COST 12 SET work_mem = '1MB';
COMMENT ON FUNCTION by_hand(integer) IS 'hand-written';
