CREATE VIEW w AS SELECT id, name FROM users;
GRANT SELECT (id, name) ON w TO vk_reader;
