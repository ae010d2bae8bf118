CREATE VIEW a AS SELECT id, email AS name FROM users;
CREATE VIEW b AS SELECT id, name FROM users;
CREATE VIEW c AS SELECT name FROM a;
