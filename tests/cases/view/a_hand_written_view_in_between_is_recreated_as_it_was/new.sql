CREATE VIEW b AS SELECT name, id FROM users;
