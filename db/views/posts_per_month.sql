-- One row for every month in which somebody wrote something.
CREATE MATERIALIZED VIEW posts_per_month AS
SELECT
    date_trunc('month', created_at AT TIME ZONE 'UTC')::date AS month,
    count(*) AS post_count,
    count(DISTINCT user_id) AS author_count,
    sum(fee) AS fees,
    round(avg(length(body))) AS average_length
FROM posts
GROUP BY 1;

-- REFRESH MATERIALIZED VIEW CONCURRENTLY needs a unique index.
CREATE UNIQUE INDEX posts_per_month_month ON posts_per_month (month);

COMMENT ON MATERIALIZED VIEW posts_per_month IS
    'How much was written in each month. Materialized because the charts ask for years, and the months that are over do not change.';
COMMENT ON COLUMN posts_per_month.month IS 'The first day of the month, in UTC.';
COMMENT ON COLUMN posts_per_month.average_length IS 'In characters; empty when no post of the month has a body.';

GRANT SELECT ON posts_per_month TO PUBLIC;
