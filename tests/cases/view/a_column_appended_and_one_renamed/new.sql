CREATE VIEW w AS SELECT id, name AS label, email FROM users;
