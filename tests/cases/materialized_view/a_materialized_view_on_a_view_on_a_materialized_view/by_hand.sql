GRANT SELECT ON mm TO vk_reader;
CREATE INDEX by_hand ON mm (lower(name));
GRANT SELECT ON v TO vk_writer;
