CREATE VIEW w AS SELECT id, name, email FROM users;
GRANT SELECT (name, email) ON w TO vk_reader;
