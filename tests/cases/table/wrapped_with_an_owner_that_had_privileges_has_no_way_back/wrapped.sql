ALTER TABLE users ALTER name TYPE text;
ALTER TABLE users OWNER TO vk_reader;
