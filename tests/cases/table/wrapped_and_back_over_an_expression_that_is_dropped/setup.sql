CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE things (a integer, b text COLLATE "C" GENERATED ALWAYS AS (a::text) STORED);
INSERT INTO things VALUES (1);
