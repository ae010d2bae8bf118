CREATE VIEW reports.w AS SELECT id, name FROM users;
