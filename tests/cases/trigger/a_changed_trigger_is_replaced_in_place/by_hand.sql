COMMENT ON TABLE t IS 'by hand';
