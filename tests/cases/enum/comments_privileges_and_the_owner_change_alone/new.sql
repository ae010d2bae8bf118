CREATE TYPE mood AS ENUM ('sad', 'happy');
COMMENT ON TYPE mood IS 'how somebody feels today';
GRANT USAGE ON TYPE mood TO vk_reader WITH GRANT OPTION;
ALTER TYPE mood OWNER TO vk_writer;
CREATE VIEW moods AS SELECT 'happy'::mood AS mood;
