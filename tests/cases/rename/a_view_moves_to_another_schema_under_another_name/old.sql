CREATE VIEW active_users AS SELECT id, name FROM users WHERE active;
GRANT SELECT ON active_users TO PUBLIC;
CREATE VIEW names AS SELECT u.name FROM active_users u;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS how_many FROM public.active_users;
