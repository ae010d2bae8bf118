CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE FUNCTION usual() RETURNS mood LANGUAGE sql IMMUTABLE AS $$ SELECT 'happy'::mood $$;
CREATE FUNCTION is_fine(mood) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 > 'sad' $$;
