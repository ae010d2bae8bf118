CREATE VIEW people AS SELECT * FROM users;
CREATE VIEW names AS SELECT name FROM people;
