CREATE VIEW people AS SELECT id, name || '!' AS called FROM users;
CREATE FUNCTION label(people) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1.called';
CREATE FUNCTION everybody() RETURNS SETOF people LANGUAGE sql STABLE AS 'SELECT * FROM people';
CREATE VIEW labels AS SELECT p.id, label(p) AS label FROM everybody() p;
