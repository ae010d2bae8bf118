CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm;
CREATE VIEW names AS SELECT name::citext AS name FROM users;
CREATE VIEW above AS SELECT name FROM names;
CREATE FUNCTION shout(a citext) RETURNS text LANGUAGE sql AS $$ SELECT upper(a::text) $$;
