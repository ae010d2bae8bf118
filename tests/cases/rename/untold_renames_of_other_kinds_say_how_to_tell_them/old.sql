CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql AS $$ SELECT upper($1) $$;
CREATE POLICY mine ON users USING (name = current_user);
CREATE MATERIALIZED VIEW m AS SELECT count(*) AS users FROM users;
