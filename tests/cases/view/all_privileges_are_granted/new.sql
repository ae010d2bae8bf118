CREATE VIEW w AS SELECT id, name FROM users;
GRANT ALL ON w TO vk_writer;
