COMMENT ON VIEW names IS 'by hand';
