CREATE VIEW orders_now AS SELECT id, note FROM app.orders;

CREATE VIEW last_order AS SELECT last_value FROM app.orders_id_seq;
