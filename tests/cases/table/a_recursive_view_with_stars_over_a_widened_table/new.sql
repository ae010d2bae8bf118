CREATE RECURSIVE VIEW down (id, name, email, phone) AS
SELECT * FROM users WHERE id = 1 UNION ALL SELECT u.* FROM users u JOIN down ON u.id = down.id + 1;
