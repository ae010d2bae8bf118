-- viewkeeper: renamed from active_users
CREATE VIEW current_users WITH (security_barrier) AS SELECT id, name, city FROM users WHERE active AND name <> '';
COMMENT ON VIEW current_users IS 'Who is here.';
