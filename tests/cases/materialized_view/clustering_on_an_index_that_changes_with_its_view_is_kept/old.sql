CREATE MATERIALIZED VIEW states AS SELECT state FROM items;
CREATE INDEX first_state ON states (state);
