CREATE FUNCTION bounds(OUT lowest integer, OUT high integer) LANGUAGE plpgsql AS $$ BEGIN lowest := 1; high := 2; END $$;
