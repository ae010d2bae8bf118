-- The row of a sub-query has no named type, but can be cast to one column by column.
CREATE TYPE pair AS (a int, b text);
CREATE TABLE pairs (p pair, n int);
SELECT s::pair AS p, (s::pair).a FROM (SELECT 1 AS x, 'a'::varchar AS y) s;
SELECT s::pair FROM (SELECT 1 AS x) s;
SELECT s::pair FROM (SELECT 1 AS x, 'a' AS y, 2 AS z) s;
SELECT s::pair FROM (SELECT now() AS x, 'a' AS y) s;
SELECT s::pair FROM (VALUES (1, 'x'), (2, 'y')) s (k, l);
SELECT (SELECT s::pair) FROM (SELECT 1 AS x, 'a' AS y) s;
WITH s AS (SELECT 1 AS x, 'a' AS y) SELECT s::pair FROM s;
WITH s AS (SELECT 1 AS x, 'a' AS y) SELECT (s.*)::pair FROM s;
SELECT j::pair FROM ((SELECT 1 AS x) a CROSS JOIN (SELECT 'q'::text AS y) b) AS j;
SELECT s::pair FROM generate_series(1, 2) WITH ORDINALITY s;
SELECT s::pair FROM unnest(ARRAY[1], ARRAY['a']) s;
SELECT s::pair FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY['a'])) s (m, n);
SELECT s::pair FROM json_to_record('{}') AS s (a int, b text);
SELECT a_minus_b::pairs FROM (TABLE pairs EXCEPT TABLE pairs) AS a_minus_b;
CREATE FUNCTION lost() RETURNS TABLE (which text, lost pairs) BEGIN ATOMIC
    WITH one AS (SELECT * FROM pairs), other AS (SELECT * FROM pairs)
    SELECT 'one', d::pairs FROM (TABLE one EXCEPT TABLE other) AS d;
END;
INSERT INTO pairs SELECT s::pair FROM (SELECT 1 AS x, 'a'::text AS y) s;
SELECT CASE WHEN true THEN ROW(1, 'a')::pair ELSE s::pair END FROM (SELECT 1 AS x, 'a' AS y) s;
-- A function of the named type takes it as it is, where its columns fit without a cast that is written.
CREATE FUNCTION first_of(pair) RETURNS int LANGUAGE sql AS 'SELECT $1.a';
CREATE FUNCTION named(a int, what pair) RETURNS text LANGUAGE sql AS 'SELECT $2.b';
SELECT first_of(s) FROM (SELECT 1 AS x, 'a'::varchar AS y) s;
SELECT first_of(s) FROM (SELECT 1 AS x) s;
SELECT first_of(s) FROM (SELECT now() AS x, 'a' AS y) s;
SELECT first_of(s) FROM (SELECT 1::bigint AS x, 'a' AS y) s;
SELECT first_of(s), named(1, s), named(what => s, a => 2) AS again FROM (VALUES (1, 'x'), (2, 'y')) s (k, l);
SELECT (SELECT first_of(s)) FROM (SELECT 1 AS x, 'a' AS y) s;
SELECT row_to_json(s), first_of(s.*) FROM (SELECT 1 AS x, 'a' AS y) s;
SELECT no_such_function(s) FROM (SELECT 1 AS x, 'a' AS y) s;
