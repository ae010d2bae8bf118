CREATE VIEW w AS SELECT id FROM people WHERE feeling = 'sad';
