CREATE TYPE mood AS ENUM ('sad', 'happy');
GRANT USAGE ON TYPE mood TO vk_reader;
CREATE TABLE people (id bigint, mood mood);
CREATE TYPE other AS ENUM ('left', 'alone');
