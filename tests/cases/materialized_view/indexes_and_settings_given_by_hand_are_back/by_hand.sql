CREATE INDEX by_hand ON user_stats (id, posts);
ALTER MATERIALIZED VIEW user_stats CLUSTER ON user_stats_id;
ALTER MATERIALIZED VIEW user_stats ALTER COLUMN posts SET STATISTICS 500;
GRANT SELECT ON user_stats TO vk_reader;
ALTER MATERIALIZED VIEW user_stats OWNER TO vk_writer;
