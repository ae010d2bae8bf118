CREATE VIEW active_users WITH (security_barrier) AS SELECT id, name FROM users WHERE active;
