CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL, email text, born date);
CREATE TABLE posts (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users ON UPDATE CASCADE);
INSERT INTO users VALUES (1, 'Ada', 'ada@example.org', NULL), (2, 'Bob', NULL, NULL);
