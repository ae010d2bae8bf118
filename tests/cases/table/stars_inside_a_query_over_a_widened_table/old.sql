CREATE VIEW stars AS
WITH u AS (SELECT * FROM users), v (a, b) AS (VALUES ('*', 2 * 3), ($$ * $$, 4))
SELECT count(*) AS number, (SELECT count(*) FROM (SELECT users.* FROM users) inside) AS again, max(v.b) AS most
FROM u CROSS JOIN v
WHERE EXISTS (SELECT * FROM users WHERE users.id = u.id);
