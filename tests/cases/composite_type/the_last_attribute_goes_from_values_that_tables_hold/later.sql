CREATE TABLE people (id bigint, home address);
CREATE VIEW homes AS SELECT (home).street AS street, home FROM people;
