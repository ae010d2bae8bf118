CREATE VIEW w AS SELECT name, initials(name) AS initials FROM people;
