CREATE MATERIALIZED VIEW states AS SELECT state, count(*) AS n FROM items GROUP BY state;
CREATE INDEX first_state ON states (state, n);
