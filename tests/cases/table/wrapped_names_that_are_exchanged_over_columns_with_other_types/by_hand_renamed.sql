GRANT SELECT ON b TO vk_reader; COMMENT ON VIEW a IS 'By hand.';
