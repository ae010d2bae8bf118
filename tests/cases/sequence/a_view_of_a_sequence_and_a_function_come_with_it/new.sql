CREATE VIEW last AS SELECT last_value FROM numbers;
CREATE FUNCTION next_number() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('numbers') $$;
CREATE SEQUENCE numbers;
