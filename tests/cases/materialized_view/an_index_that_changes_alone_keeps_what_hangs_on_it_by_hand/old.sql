CREATE MATERIALIZED VIEW states AS SELECT id, state FROM items;
CREATE INDEX first_state ON states (lower(state), upper(state));
CREATE INDEX "100% of it" ON states (id, (id + 1));
COMMENT ON INDEX "100% of it" IS 'one';
