CREATE VIEW seen AS SELECT id, mood FROM people;
