CREATE VIEW people AS SELECT id, name FROM users;
CREATE VIEW few AS WITH people AS (SELECT name FROM people WHERE id > 1) SELECT people.name FROM people;
