CREATE VIEW w AS SELECT name, id FROM users;
