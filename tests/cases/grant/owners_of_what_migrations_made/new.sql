ALTER TABLE users OWNER TO vk_reader;
ALTER SCHEMA app OWNER TO vk_reader;
ALTER SEQUENCE numbers OWNER TO vk_reader;
ALTER TYPE mood OWNER TO vk_reader;
ALTER DOMAIN app.age OWNER TO vk_reader;
ALTER FUNCTION twice(integer) OWNER TO vk_reader;
