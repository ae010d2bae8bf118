CREATE VIEW people AS SELECT id, name, lower(email) AS mail FROM users;
