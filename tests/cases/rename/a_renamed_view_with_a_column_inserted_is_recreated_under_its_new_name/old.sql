CREATE VIEW active_users AS SELECT id, name FROM users WHERE active;
GRANT SELECT ON active_users TO PUBLIC;
CREATE VIEW names AS SELECT name FROM active_users;
