CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'happy');
CREATE FUNCTION app.shown(app.mood, app.mood[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'a mood' $$;
CREATE VIEW app.names AS SELECT id, name, app.shown('sad', '{}') AS mood FROM public.users;
CREATE RULE nothing AS ON UPDATE TO app.names DO INSTEAD NOTHING;
