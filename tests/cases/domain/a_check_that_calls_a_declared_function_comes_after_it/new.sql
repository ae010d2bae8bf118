CREATE DOMAIN slug AS text DEFAULT make_slug('A') CHECK (is_slug(VALUE));
CREATE FUNCTION is_slug(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 = lower($1) $$;
CREATE FUNCTION make_slug(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower($1) $$;
CREATE VIEW slugs AS SELECT 'a'::slug AS slug;
