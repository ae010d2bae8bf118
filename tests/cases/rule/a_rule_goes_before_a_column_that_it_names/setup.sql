CREATE TABLE users (id bigint PRIMARY KEY, name text, blocked boolean, age integer);
