-- viewkeeper: renamed from app
CREATE SCHEMA reports;
-- viewkeeper: renamed from mood
CREATE TYPE reports.feeling AS ENUM ('sad', 'happy');
-- viewkeeper: renamed from shown
CREATE FUNCTION reports.said(reports.feeling, reports.feeling[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'a mood' $$;
-- viewkeeper: renamed from names
CREATE VIEW reports.called AS SELECT id, name, reports.said('sad', '{}') AS mood FROM public.users;
-- viewkeeper: renamed from nothing
CREATE RULE no_change AS ON UPDATE TO reports.called DO INSTEAD NOTHING;
