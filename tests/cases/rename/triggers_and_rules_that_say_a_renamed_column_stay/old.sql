CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;

CREATE FUNCTION is_good(a text) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN a <> '';

CREATE TRIGGER noted BEFORE UPDATE OF id, name ON users FOR EACH ROW WHEN (NEW.name <> OLD.name AND is_good(NEW.name)) EXECUTE FUNCTION noted();

CREATE RULE logged AS ON DELETE TO users WHERE is_good(OLD.name) DO ALSO (
    INSERT INTO log (id, name) VALUES (OLD.id, OLD.name);
    UPDATE log SET name = log.name || OLD.name WHERE log.id = OLD.id
);

CREATE RULE back AS ON INSERT TO log DO ALSO UPDATE users SET name = 'n' WHERE name = NEW.name AND is_good(name);
