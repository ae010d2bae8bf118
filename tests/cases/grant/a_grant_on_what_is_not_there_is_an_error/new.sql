GRANT SELECT ON usres TO vk_reader;
COMMENT ON COLUMN users.nmae IS 'a name';
