CREATE TYPE mood AS ENUM ('sad', 'happy');
COMMENT ON TYPE mood IS 'how somebody feels';
GRANT USAGE ON TYPE mood TO vk_reader;
CREATE VIEW moods AS SELECT 'happy'::mood AS mood;
