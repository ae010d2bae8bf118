CREATE VIEW everybody AS SELECT id, name, email FROM users;
