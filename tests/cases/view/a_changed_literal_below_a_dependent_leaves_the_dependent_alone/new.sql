-- Users who wrote something.
CREATE VIEW active_users AS
SELECT u.id, u.name, count(*) AS post_count
FROM users u
JOIN posts p ON p.user_id = u.id
WHERE p.created_at > now() - interval '7 days'
GROUP BY u.id, u.name;
COMMENT ON VIEW active_users IS 'Who is active.';
COMMENT ON COLUMN active_users.post_count IS 'Posts, of all time.';
GRANT SELECT ON active_users TO PUBLIC;

CREATE VIEW top_users AS
SELECT id, name, post_count
FROM active_users
WHERE post_count > 10;
COMMENT ON VIEW top_users IS 'The ten per cent.';
GRANT SELECT ON top_users TO PUBLIC;
