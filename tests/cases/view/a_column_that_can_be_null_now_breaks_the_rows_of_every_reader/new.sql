CREATE VIEW titles AS SELECT u.id, p.title FROM users u LEFT JOIN posts p ON p.user_id = u.id;
CREATE VIEW long_titles AS SELECT title, length(title) AS length FROM titles WHERE length(title) > 80;
CREATE VIEW shown_titles AS SELECT id, COALESCE(title, '(none)') AS title FROM titles;
CREATE VIEW letters AS SELECT left(title, 1) AS letter, count(*) AS titles FROM titles GROUP BY 1;
