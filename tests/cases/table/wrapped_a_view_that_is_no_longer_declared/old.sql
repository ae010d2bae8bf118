CREATE VIEW writers AS SELECT id, name FROM users; CREATE VIEW mails AS SELECT id, email FROM users;
