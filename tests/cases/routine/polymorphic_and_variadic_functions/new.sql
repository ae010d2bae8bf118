CREATE FUNCTION first_of(VARIADIC anyarray) RETURNS anyelement LANGUAGE sql IMMUTABLE AS 'SELECT $1[array_lower($1, 1)]';
CREATE FUNCTION or_else(a anyelement, b anyelement DEFAULT NULL::text) RETURNS anyelement LANGUAGE sql IMMUTABLE AS 'SELECT coalesce(a, b)';
CREATE VIEW v AS SELECT first_of(a, b) AS first, or_else(a, b) AS one FROM t;
