GRANT SELECT ON "My Reports"."W" TO vk_reader;
