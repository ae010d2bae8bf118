COMMENT ON VIEW above IS 'By hand.';
