CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE log (id integer, name text);
