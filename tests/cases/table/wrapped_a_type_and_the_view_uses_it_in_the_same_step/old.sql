CREATE VIEW ages AS SELECT id, name FROM users;
