COMMENT ON TRIGGER put ON v IS 'by hand';
