CREATE TYPE mood AS (sad boolean);
COMMENT ON TYPE mood IS 'How they are.';
CREATE EVENT TRIGGER audit ON ddl_command_start EXECUTE FUNCTION note();
COMMENT ON EVENT TRIGGER audit IS 'after';
CREATE EVENT TRIGGER count ON ddl_command_start EXECUTE FUNCTION note();
