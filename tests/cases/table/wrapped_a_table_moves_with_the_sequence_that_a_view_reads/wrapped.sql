ALTER TABLE orders SET SCHEMA app;
ALTER TABLE app.orders ALTER id TYPE bigint;
