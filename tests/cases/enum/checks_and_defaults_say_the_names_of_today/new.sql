-- viewkeeper: renamed from mood
CREATE TYPE feeling AS ENUM ('sad', 'happy');
-- viewkeeper: renamed from is_fine
CREATE FUNCTION is_good(feeling) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 > 'sad' $$;
