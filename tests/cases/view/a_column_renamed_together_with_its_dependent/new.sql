CREATE VIEW w AS SELECT id, name AS full_name FROM users;
CREATE VIEW x AS SELECT id, full_name FROM w;
