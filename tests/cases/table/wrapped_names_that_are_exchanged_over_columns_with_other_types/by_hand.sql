GRANT SELECT ON a TO vk_reader; COMMENT ON VIEW b IS 'By hand.';
