CREATE VIEW w AS SELECT id, email, name FROM users;
CREATE VIEW x AS SELECT name FROM w;
