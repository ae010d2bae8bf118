-- Users who have created at least one post.
CREATE VIEW active_users AS
SELECT
    users.id AS user_id,
    users.name,
    users.status,
    count(*) AS post_count,
    min(posts.created_at) AS first_post_at,
    max(posts.created_at) AS last_post_at,
    count(*) FILTER (WHERE posts.created_at > now() - interval '30 days') AS recent_posts,
    current_date - max(posts.created_at)::date AS days_since_last_post
FROM users
JOIN posts ON posts.user_id = users.id
GROUP BY users.id;

COMMENT ON VIEW active_users IS
    'Users who have created at least one post. Exists so that the start page, the weekly report and the newsletter mean the same by "active".';
COMMENT ON COLUMN active_users.recent_posts IS 'Posts of the last 30 days.';
COMMENT ON COLUMN active_users.days_since_last_post IS 'Whole days in the time zone of the session; 0 for a post of today.';

GRANT SELECT ON active_users TO PUBLIC;
