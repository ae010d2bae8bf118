CREATE VIEW w AS SELECT u.id, p.title FROM users u LEFT JOIN posts p ON p.user_id = u.id;
