CREATE FUNCTION f(a text, b text) RETURNS text LANGUAGE sql RETURN a || b;
