-- viewkeeper: full_name renamed from name
CREATE VIEW people AS SELECT * FROM users;
CREATE VIEW names AS SELECT full_name AS name FROM people;
