CREATE VIEW writers AS SELECT id, name FROM users;
