CREATE VIEW writers AS SELECT id, name, shown FROM users;
