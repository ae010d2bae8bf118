CREATE VIEW names AS SELECT id, login AS name FROM people;

CREATE POLICY named ON people USING (id IN (SELECT id FROM names));

CREATE RULE root AS ON DELETE TO people WHERE OLD.login = 'root' DO INSTEAD NOTHING;

CREATE TRIGGER audit BEFORE INSERT ON people FOR EACH ROW WHEN (NEW.login <> '') EXECUTE FUNCTION audit();
