CREATE VIEW b AS SELECT id, name FROM users;
