CREATE VIEW w (a, c) AS SELECT id, name FROM users;
