CREATE SCHEMA tools;
CREATE EXTENSION citext;
CREATE TABLE users (id bigint PRIMARY KEY, name citext NOT NULL);
