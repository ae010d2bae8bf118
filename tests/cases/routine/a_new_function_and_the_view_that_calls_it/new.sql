CREATE VIEW people AS SELECT id, name, initial(name) AS initial FROM users;
CREATE FUNCTION initial(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT left($1, 1) $$;
