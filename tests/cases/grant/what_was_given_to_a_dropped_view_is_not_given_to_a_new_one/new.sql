CREATE VIEW names AS SELECT name, email FROM users;
