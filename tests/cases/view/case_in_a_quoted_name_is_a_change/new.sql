CREATE VIEW w AS SELECT id AS "name" FROM users;
