CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;

CREATE FUNCTION is_good(b text) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN b <> '';

CREATE TRIGGER noted BEFORE UPDATE OF id, "the login" ON users FOR EACH ROW WHEN (NEW."the login" <> OLD."the login" AND is_good(NEW."the login")) EXECUTE FUNCTION noted();

CREATE RULE logged AS ON DELETE TO users WHERE is_good(OLD."the login") DO ALSO (
    INSERT INTO log (id, name) VALUES (OLD.id, OLD."the login");
    UPDATE log SET name = log.name || OLD."the login" WHERE log.id = OLD.id
);

CREATE RULE back AS ON INSERT TO log DO ALSO UPDATE users SET "the login" = 'n' WHERE "the login" = NEW.name AND is_good("the login");
