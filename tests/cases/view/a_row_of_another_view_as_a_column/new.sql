CREATE VIEW w AS SELECT id, name FROM users;
CREATE VIEW x AS SELECT w.id, w AS whole FROM w WHERE w.id > 1;
