-- viewkeeper: renamed from activ_users
CREATE VIEW current_users AS SELECT id, name FROM users WHERE active;
