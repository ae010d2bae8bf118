CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);
CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RETURN; END';
