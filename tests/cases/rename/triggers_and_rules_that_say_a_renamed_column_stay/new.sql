CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;

CREATE FUNCTION is_good(a text) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN a <> '';

CREATE TRIGGER noted BEFORE UPDATE OF id, login ON users FOR EACH ROW WHEN (NEW.login <> OLD.login AND is_good(NEW.login)) EXECUTE FUNCTION noted();

CREATE RULE logged AS ON DELETE TO users WHERE is_good(OLD.login) DO ALSO (
    INSERT INTO logs (id, name) VALUES (OLD.id, OLD.login);
    UPDATE logs SET name = logs.name || OLD.login WHERE logs.id = OLD.id
);

CREATE RULE back AS ON INSERT TO logs DO ALSO UPDATE users SET login = 'n' WHERE login = NEW.name AND is_good(login);
