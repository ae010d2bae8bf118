CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, email text);
CREATE VIEW base AS SELECT id, name FROM users;
CREATE VIEW all_of_it AS SELECT * FROM base;
COMMENT ON VIEW all_of_it IS 'By hand.';
