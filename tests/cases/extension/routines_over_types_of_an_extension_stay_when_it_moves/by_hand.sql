GRANT EXECUTE ON FUNCTION greeting TO vk_reader;
