-- The active users of the last 30 days, in order.
CREATE VIEW top_authors AS
SELECT
    rank() OVER (ORDER BY recent_posts DESC) AS place,
    user_id,
    name,
    recent_posts,
    round(recent_posts * 100.0 / sum(recent_posts) OVER (), 1) AS share
FROM active_users
WHERE recent_posts > 0;

COMMENT ON VIEW top_authors IS
    'Who wrote most in the last 30 days. Exists so that the prize of the month is decided by a rule that everybody can read.';
COMMENT ON COLUMN top_authors.place IS 'Authors with equally many posts share a place.';
COMMENT ON COLUMN top_authors.share IS 'Of all recent posts, in percent.';

GRANT SELECT ON top_authors TO PUBLIC;
