CREATE VIEW orders_now AS SELECT id, note FROM app.orders;
