CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL, email text, born date);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
