-- Every change of a name is written down.
CREATE TRIGGER audit
    AFTER INSERT OR UPDATE OF name, owner OR DELETE ON t
    FOR EACH ROW WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION note('a', 'b''c');  -- two arguments
COMMENT ON TRIGGER audit ON t IS 'writes a log';
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (TG_NAME); RETURN NEW; END $$;
