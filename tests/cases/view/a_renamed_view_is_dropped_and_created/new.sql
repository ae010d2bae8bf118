CREATE VIEW people AS SELECT id, name FROM users;
GRANT SELECT ON people TO vk_reader;
