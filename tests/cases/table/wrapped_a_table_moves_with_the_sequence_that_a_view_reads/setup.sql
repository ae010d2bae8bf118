CREATE SCHEMA app;
CREATE TABLE orders (id serial PRIMARY KEY, note text);
