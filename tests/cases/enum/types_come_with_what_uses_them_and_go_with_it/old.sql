CREATE VIEW feelings AS SELECT NULL::mood AS mood;
CREATE TYPE mood AS ENUM (
    'sad', -- as on Mondays
    'happy'
);
COMMENT ON TYPE mood IS 'how somebody feels';
GRANT USAGE ON TYPE mood TO vk_reader WITH GRANT OPTION;
REVOKE USAGE ON TYPE mood FROM PUBLIC;
ALTER TYPE mood OWNER TO vk_writer;
