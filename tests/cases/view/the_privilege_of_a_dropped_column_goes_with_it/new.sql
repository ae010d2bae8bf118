CREATE VIEW w AS SELECT id FROM users;
GRANT SELECT (id) ON w TO vk_reader;
