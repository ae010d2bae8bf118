CREATE TABLE t (id integer PRIMARY KEY, name text, owner text);
CREATE TABLE log (line text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (TG_NAME); RETURN NEW; END $$;
CREATE FUNCTION wanted(id integer) RETURNS boolean LANGUAGE sql AS 'SELECT id > 0';
CREATE TRIGGER audit BEFORE INSERT ON t FOR EACH ROW WHEN (wanted(NEW.id)) EXECUTE FUNCTION note();
