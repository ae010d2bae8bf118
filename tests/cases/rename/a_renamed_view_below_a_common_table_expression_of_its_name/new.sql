-- viewkeeper: renamed from people
CREATE VIEW persons AS SELECT id, name FROM users;
CREATE VIEW few AS WITH people AS (SELECT name FROM persons WHERE id > 1) SELECT people.name FROM people;
