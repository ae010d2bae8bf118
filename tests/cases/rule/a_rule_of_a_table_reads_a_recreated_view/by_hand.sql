COMMENT ON RULE noted ON t IS 'by hand';
