CREATE VIEW w AS SELECT u.id, p.title FROM users u JOIN posts p ON p.user_id = u.id;
