-- viewkeeper: renamed from active_users
CREATE VIEW current_users AS SELECT id, city, name FROM users WHERE active;
GRANT SELECT ON current_users TO PUBLIC;
CREATE VIEW names AS SELECT name FROM current_users;
