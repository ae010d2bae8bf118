GRANT SELECT ON writers TO vk_reader;
ALTER TABLE users ALTER name TYPE varchar(80);
