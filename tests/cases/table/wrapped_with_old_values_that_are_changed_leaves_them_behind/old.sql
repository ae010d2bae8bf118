CREATE VIEW writers AS SELECT id, email FROM users;
