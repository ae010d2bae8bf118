CREATE MATERIALIZED VIEW states AS SELECT id, state FROM items;
CREATE INDEX first_state ON states (id, upper(state), lower(state));
CREATE INDEX "100% of it" ON states ((id + 1));
