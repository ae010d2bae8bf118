CREATE FUNCTION count_up(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
CREATE AGGREGATE rows_seen(*) (SFUNC = count_up, STYPE = integer, INITCOND = '0');
GRANT EXECUTE ON FUNCTION rows_seen() TO vk_reader;
CREATE VIEW v AS SELECT rows_seen(*) AS rows FROM t;
