CREATE TABLE users (id bigint PRIMARY KEY, city text, street text, age integer);
