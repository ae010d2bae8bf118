CREATE VIEW w (a, b) AS SELECT id, name FROM users;
