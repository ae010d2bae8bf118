COMMENT ON POLICY own ON t IS 'by hand';
