CREATE TYPE thing AS (a integer);
CREATE FUNCTION one() RETURNS thing LANGUAGE sql IMMUTABLE AS $$ SELECT ROW(1)::thing $$;
