CREATE FUNCTION f(a integer, b text DEFAULT 'x') RETURNS SETOF integer LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '4MB' AS 'SELECT a';
