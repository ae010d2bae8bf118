CREATE VIEW orders_now AS SELECT id FROM orders;
