CREATE VIEW w AS SELECT id, feeling, address, balance FROM people;
