CREATE VIEW w AS SELECT id, email, name FROM users;
