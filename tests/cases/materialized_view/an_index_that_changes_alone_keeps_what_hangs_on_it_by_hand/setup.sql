CREATE TABLE items (id integer PRIMARY KEY, state text NOT NULL);
