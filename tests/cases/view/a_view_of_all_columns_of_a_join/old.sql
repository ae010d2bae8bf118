CREATE VIEW w AS SELECT u.*, p.title FROM users u JOIN posts p ON p.user_id = u.id;
