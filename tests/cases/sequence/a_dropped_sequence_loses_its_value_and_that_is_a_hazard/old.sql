CREATE SEQUENCE numbers START WITH 100;
GRANT USAGE ON SEQUENCE numbers TO vk_reader;
CREATE FUNCTION next_number() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('numbers') $$;
