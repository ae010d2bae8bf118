COMMENT ON INDEX people_login_idx IS 'by hand';
