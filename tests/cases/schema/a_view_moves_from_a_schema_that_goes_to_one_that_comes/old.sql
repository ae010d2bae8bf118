CREATE SCHEMA before;
CREATE VIEW before.names AS SELECT name FROM users;
GRANT SELECT ON before.names TO vk_reader;
