CREATE VIEW names AS SELECT lower(name) AS name FROM users;
