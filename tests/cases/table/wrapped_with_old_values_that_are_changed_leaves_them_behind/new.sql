CREATE VIEW writers AS SELECT id, mail AS email FROM users;
