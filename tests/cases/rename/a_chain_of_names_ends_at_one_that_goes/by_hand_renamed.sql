GRANT SELECT ON b TO vk_reader; COMMENT ON VIEW c IS 'By hand.';
