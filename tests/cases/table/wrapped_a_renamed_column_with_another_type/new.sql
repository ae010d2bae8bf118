CREATE VIEW writers AS SELECT id, full_name AS name FROM people;
