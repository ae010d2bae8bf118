GRANT SELECT ON users, names, mails TO vk_reader;
CREATE VIEW names AS SELECT name FROM users;
CREATE VIEW mails AS SELECT email FROM users;
