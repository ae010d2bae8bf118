CREATE VIEW w AS SELECT id, name COLLATE "C" AS name FROM users;
