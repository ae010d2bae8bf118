COMMENT ON INDEX people_name_idx IS 'by hand';
