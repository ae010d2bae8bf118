CREATE VIEW w AS SELECT address::text AS address FROM people;
