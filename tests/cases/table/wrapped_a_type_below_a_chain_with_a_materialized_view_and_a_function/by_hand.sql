COMMENT ON INDEX counted_name IS 'By hand.';
