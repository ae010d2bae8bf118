CREATE VIEW w AS SELECT id, email, name FROM users;
GRANT SELECT ON w TO vk_reader;
