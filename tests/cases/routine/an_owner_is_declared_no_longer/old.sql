CREATE FUNCTION f(a text, b text) RETURNS text LANGUAGE sql RETURN a || b;
ALTER FUNCTION f(text, text) OWNER TO vk_reader;
