CREATE FUNCTION slug(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TABLE t (
    name text DEFAULT slug('A') CHECK (slug(name) <> ''),
    slug text GENERATED ALWAYS AS (slug(name)) STORED
);
CREATE INDEX ON t (slug(name));
CREATE POLICY p ON t USING (slug(name) <> 'x');
