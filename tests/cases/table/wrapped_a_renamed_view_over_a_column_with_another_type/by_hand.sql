GRANT SELECT ON writers TO vk_reader; COMMENT ON VIEW writers IS 'By hand.';
