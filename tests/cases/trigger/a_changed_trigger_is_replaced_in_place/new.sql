CREATE TRIGGER audit AFTER UPDATE OF name, owner ON t FOR EACH ROW
    WHEN (OLD.name IS DISTINCT FROM NEW.name) -- only then
    EXECUTE FUNCTION note();
COMMENT ON TRIGGER audit ON t IS 'kept';
