CREATE VIEW writers AS SELECT id, name FROM users;
CREATE VIEW moods AS SELECT mood FROM things;
