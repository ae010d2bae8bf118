GRANT EXECUTE ON FUNCTION label(integer) TO vk_reader;
