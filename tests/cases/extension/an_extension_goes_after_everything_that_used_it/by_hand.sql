COMMENT ON VIEW above IS 'by hand';
