CREATE VIEW writers AS SELECT id, name FROM users;
CREATE STATISTICS pairs (ndistinct) ON id, name FROM users;
