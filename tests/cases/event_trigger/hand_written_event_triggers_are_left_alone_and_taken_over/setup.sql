CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);
CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RETURN; END';
CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION note();
CREATE EVENT TRIGGER theirs ON ddl_command_start EXECUTE FUNCTION note();
