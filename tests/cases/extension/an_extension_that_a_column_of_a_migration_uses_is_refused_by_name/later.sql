ALTER TABLE users ADD COLUMN nick citext;
CREATE FUNCTION same(citext) RETURNS citext LANGUAGE sql AS $$ SELECT $1 $$;
