CREATE VIEW pairs AS SELECT 1 AS one, u.*, u.name AS other FROM users AS u;
