CREATE VIEW w AS SELECT id, feeling, address, (balance).amount, (balance).currency FROM people WHERE feeling > 'sad';
