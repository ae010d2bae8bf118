CREATE TYPE mood AS ENUM ('sad', 'bored', 'happy');
CREATE FUNCTION is_fine(mood) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 > 'sad' $$;
