CREATE VIEW writers AS SELECT id, name FROM old.users;
