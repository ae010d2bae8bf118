CREATE VIEW w AS SELECT address FROM people;
