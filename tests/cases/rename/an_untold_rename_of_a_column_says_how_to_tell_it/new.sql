CREATE VIEW people AS SELECT id, name, lower(email) AS "Address" FROM users;
