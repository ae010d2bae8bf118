CREATE VIEW orders_now AS SELECT id, note FROM orders;

CREATE VIEW last_order AS SELECT last_value FROM orders_id_seq;
