CREATE VIEW base AS SELECT id, upper(name) AS upper, name FROM users;
