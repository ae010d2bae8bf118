GRANT  insert ON TABLE public.users TO vk_writer;
GRANT SELECT ON users TO vk_writer;
GRANT SELECT ON users TO vk_reader;
-- and then
GRANT INSERT ON users TO vk_reader;
