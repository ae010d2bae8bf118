CREATE VIEW names AS SELECT name FROM users;
-- viewkeeper: renamed from active_users
CREATE VIEW current_users AS SELECT id, name FROM users WHERE active;
