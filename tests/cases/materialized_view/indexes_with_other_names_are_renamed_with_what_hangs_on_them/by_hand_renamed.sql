COMMENT ON INDEX people_name IS 'by hand';
ALTER MATERIALIZED VIEW people CLUSTER ON people_id;
