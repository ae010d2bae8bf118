CREATE VIEW w AS SELECT id, name FROM users;
GRANT SELECT (id) ON w TO vk_reader;
