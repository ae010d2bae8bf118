CREATE VIEW all_users AS SELECT id, name FROM users;
