CREATE FUNCTION bounds(OUT low integer, OUT high integer) LANGUAGE plpgsql AS $$ BEGIN low := 1; high := 2; END $$;
