-- viewkeeper: renamed from app
CREATE SCHEMA reports;
CREATE VIEW reports.names AS SELECT id, name FROM public.users;
GRANT SELECT ON reports.names TO PUBLIC;
CREATE VIEW reports.longer AS SELECT reports.names.name FROM reports.names WHERE length(reports.names.name) > 9;
