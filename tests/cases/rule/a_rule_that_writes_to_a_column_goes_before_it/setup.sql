CREATE TABLE users (id bigint PRIMARY KEY, name text);
CREATE TABLE log (at timestamptz, line text, n integer);
