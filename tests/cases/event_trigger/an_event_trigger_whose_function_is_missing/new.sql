CREATE EVENT TRIGGER audit ON ddl_command_start EXECUTE FUNCTION missing();
