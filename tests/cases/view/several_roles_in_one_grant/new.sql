CREATE VIEW w AS SELECT id, name FROM users;
GRANT SELECT, INSERT ON w TO vk_reader, vk_writer;
