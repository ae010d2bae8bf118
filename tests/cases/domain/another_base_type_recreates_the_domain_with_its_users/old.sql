CREATE DOMAIN code AS varchar(3) CONSTRAINT upper_case CHECK (VALUE = upper(VALUE)); -- three letters
COMMENT ON DOMAIN code IS 'of a country';
COMMENT ON CONSTRAINT upper_case ON DOMAIN code IS 'as in the standard';
CREATE FUNCTION of_name(text) RETURNS code LANGUAGE sql IMMUTABLE AS $$ SELECT upper(left($1, 3))::code $$;
CREATE VIEW codes AS SELECT of_name('a') AS code;
CREATE DOMAIN eu_code AS code CHECK (VALUE <> 'USA');
