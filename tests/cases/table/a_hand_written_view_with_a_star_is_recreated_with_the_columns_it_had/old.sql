CREATE VIEW base AS SELECT id, name FROM users;
