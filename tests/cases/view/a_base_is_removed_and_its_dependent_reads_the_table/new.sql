CREATE VIEW x AS SELECT id, name FROM users;
