CREATE VIEW v AS SELECT id, name FROM t;

CREATE RULE written AS ON INSERT TO v DO INSTEAD INSERT INTO t (id, name) VALUES (NEW.id, NEW.name);
CREATE RULE noted AS
    ON UPDATE TO t WHERE NEW.name <> OLD.name -- renamed
    DO ALSO (INSERT INTO log VALUES (OLD.name); DELETE FROM log WHERE line IS NULL);
COMMENT ON RULE noted ON t IS 'it''s noted';
