CREATE VIEW everybody (a, b, c) AS SELECT * FROM users;
