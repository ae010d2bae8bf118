CREATE SCHEMA after;
CREATE VIEW after.names AS SELECT name FROM users;
GRANT SELECT ON after.names TO vk_reader;
