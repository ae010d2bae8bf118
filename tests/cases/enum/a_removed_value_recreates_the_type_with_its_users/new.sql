CREATE TYPE mood AS ENUM ('sad', 'happy');
COMMENT ON TYPE mood IS 'how somebody feels';
GRANT USAGE ON TYPE mood TO vk_reader;
CREATE FUNCTION is_fine(one mood) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT one = 'happy' $$;
COMMENT ON FUNCTION is_fine(mood) IS 'nobody complains';
CREATE VIEW moods AS SELECT 'happy'::mood AS mood, is_fine('sad') AS fine;
CREATE VIEW above AS SELECT fine FROM moods;
