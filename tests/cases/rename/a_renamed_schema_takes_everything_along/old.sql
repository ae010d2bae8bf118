CREATE SCHEMA app;
CREATE VIEW app.names AS SELECT id, name FROM public.users;
GRANT SELECT ON app.names TO PUBLIC;
CREATE VIEW app.longer AS SELECT app.names.name FROM app.names WHERE length(app.names.name) > 9;
