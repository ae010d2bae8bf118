CREATE FUNCTION label(value integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT value::text $$;
