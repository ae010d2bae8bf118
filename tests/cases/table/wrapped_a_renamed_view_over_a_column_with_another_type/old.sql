CREATE VIEW writers AS SELECT id, name FROM users;
CREATE VIEW writer_names AS SELECT name FROM writers;
