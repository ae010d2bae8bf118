-- viewkeeper: renamed from all_users
CREATE VIEW users AS SELECT id, name FROM accounts;
