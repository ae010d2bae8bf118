CREATE VIEW inhabitants AS SELECT id, name FROM users;
