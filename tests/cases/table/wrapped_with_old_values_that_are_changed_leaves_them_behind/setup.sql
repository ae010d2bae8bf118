CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL, email varchar(60));
CREATE TABLE notes (id integer PRIMARY KEY, text text);
