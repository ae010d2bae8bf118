CREATE VIEW w AS SELECT p.title, u.* FROM users u JOIN posts p ON p.user_id = u.id;
