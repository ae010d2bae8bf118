CREATE TYPE feeling AS ENUM ('sad', 'glad');
CREATE FUNCTION loud(text) RETURNS text LANGUAGE sql AS $$ SELECT upper($1) $$;
CREATE POLICY own ON users USING (name = current_user);
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS users FROM users;
