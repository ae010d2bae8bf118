CREATE MATERIALIZED VIEW user_stats WITH (fillfactor = 70) AS
SELECT u.id, count(p.id) AS posts
FROM users u
LEFT JOIN posts p ON p.user_id = u.id
GROUP BY u.id;
CREATE UNIQUE INDEX user_stats_id ON user_stats (id);
CREATE INDEX ON user_stats (posts DESC) WHERE posts > 0;
COMMENT ON MATERIALIZED VIEW user_stats IS 'Posts of each user.';
COMMENT ON INDEX user_stats_id IS 'For REFRESH CONCURRENTLY.';
GRANT SELECT ON user_stats TO PUBLIC;
