CREATE TABLE t (id integer PRIMARY KEY, name text, owner text);
CREATE TABLE log (line text);
CREATE VIEW v AS SELECT id, name FROM t;
CREATE RULE written AS ON INSERT TO v DO INSTEAD INSERT INTO log VALUES (NEW.name);
COMMENT ON RULE written ON v IS 'writes';
