ALTER MATERIALIZED VIEW states CLUSTER ON first_state;
COMMENT ON INDEX first_state IS 'by hand';
