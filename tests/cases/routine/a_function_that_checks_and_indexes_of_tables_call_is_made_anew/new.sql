CREATE FUNCTION label(number integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT number::text $$;
