CREATE TYPE mood AS ENUM ('sad');
COMMENT ON TYPE mood IS 'How they are.';
CREATE EVENT TRIGGER audit ON sql_drop EXECUTE FUNCTION note();
COMMENT ON EVENT TRIGGER audit IS 'before';
CREATE EVENT TRIGGER count ON ddl_command_end EXECUTE FUNCTION note();
