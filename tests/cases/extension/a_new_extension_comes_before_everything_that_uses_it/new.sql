CREATE VIEW names AS SELECT name::citext AS name FROM users;
CREATE FUNCTION shout(a citext) RETURNS text LANGUAGE plpgsql AS $$ DECLARE b citext; BEGIN b := a; RETURN upper(b::text); END $$;
CREATE MATERIALIZED VIEW similar_names AS SELECT a.id, b.id AS other FROM users AS a, users AS b WHERE a.name % b.name;
CREATE EXTENSION citext;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
