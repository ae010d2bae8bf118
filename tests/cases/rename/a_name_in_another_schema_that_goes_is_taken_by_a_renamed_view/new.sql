-- viewkeeper: renamed from public.v
CREATE VIEW app.v AS SELECT id FROM users;
