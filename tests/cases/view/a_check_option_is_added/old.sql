CREATE VIEW w AS SELECT id, name FROM users WHERE id > 1;
