CREATE VIEW w AS SELECT id, name FROM users;
