CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE things (a integer, b integer GENERATED ALWAYS AS (a + 1) STORED);
INSERT INTO things VALUES (1);
