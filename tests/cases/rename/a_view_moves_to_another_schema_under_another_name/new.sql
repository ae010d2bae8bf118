-- viewkeeper: renamed from public.active_users
CREATE VIEW app.current_users AS SELECT id, name FROM users WHERE active;
GRANT SELECT ON app.current_users TO PUBLIC;
CREATE VIEW names AS SELECT u.name FROM app.current_users u;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS how_many FROM app.current_users;
