CREATE SCHEMA app;
CREATE TABLE orders (id serial PRIMARY KEY, note text);
CREATE SEQUENCE app.orders_id_seq;
