CREATE VIEW reports.w AS SELECT id, name FROM users;
CREATE VIEW x AS SELECT name FROM reports.w;
