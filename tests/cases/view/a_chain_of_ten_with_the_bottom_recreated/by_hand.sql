GRANT SELECT ON c9 TO vk_reader;
COMMENT ON VIEW c5 IS 'Given by hand.';
