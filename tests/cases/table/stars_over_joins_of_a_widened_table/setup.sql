CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, email text);
CREATE TABLE posts (id integer, user_id integer, title text);
CREATE TABLE logins (id integer, at timestamptz);
