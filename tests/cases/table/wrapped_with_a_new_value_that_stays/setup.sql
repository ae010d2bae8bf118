CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE things (mood mood);
