CREATE FUNCTION is_slug(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 = lower($1) $$;
CREATE DOMAIN slug AS text CONSTRAINT lower_case CHECK (is_slug(VALUE));
