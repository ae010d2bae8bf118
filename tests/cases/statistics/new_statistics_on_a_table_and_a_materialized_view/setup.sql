CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, city text, street text);
CREATE MATERIALIZED VIEW by_hand AS SELECT city, street FROM users;
