GRANT SELECT ON authors TO vk_reader; COMMENT ON VIEW authors IS 'By hand.';
