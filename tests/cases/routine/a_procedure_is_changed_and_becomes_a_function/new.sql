CREATE FUNCTION note(line text) RETURNS void LANGUAGE sql AS $$ INSERT INTO log VALUES (line) $$;
CREATE PROCEDURE twice(INOUT n integer) LANGUAGE plpgsql AS $$ BEGIN n := n + n; END $$;
COMMENT ON PROCEDURE twice(integer) IS 'doubles';
