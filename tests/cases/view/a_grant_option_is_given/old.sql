CREATE VIEW w AS SELECT id, name FROM users;
GRANT SELECT ON w TO vk_reader;
