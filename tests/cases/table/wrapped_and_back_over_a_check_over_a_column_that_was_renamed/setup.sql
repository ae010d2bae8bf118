CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL, since integer CONSTRAINT old_enough CHECK (since > 1900));
ALTER TABLE users RENAME COLUMN since TO season;
