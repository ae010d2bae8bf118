-- viewkeeper: migration V3__create_views
-- Written by `cargo xtask db-diff` from the definitions; the way back is in `rollbacks/V3__create_views.sql`.
--
-- create view public.active_users
-- create view public.top_authors
-- create materialized view public.posts_per_month
--
-- Compatible: code that reads these relations as they were goes on working.

-- Where the names below are looked up.
SET LOCAL search_path TO public;

-- Create view public.active_users.
CREATE VIEW public.active_users AS
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
COMMENT ON VIEW public.active_users IS 'Users who have created at least one post. Exists so that the start page, the weekly report and the newsletter mean the same by "active".';
COMMENT ON COLUMN public.active_users.recent_posts IS 'Posts of the last 30 days.';
COMMENT ON COLUMN public.active_users.days_since_last_post IS 'Whole days in the time zone of the session; 0 for a post of today.';
GRANT SELECT ON public.active_users TO PUBLIC;

-- Create view public.top_authors.
CREATE VIEW public.top_authors AS
SELECT
    rank() OVER (ORDER BY recent_posts DESC) AS place,
    user_id,
    name,
    recent_posts,
    round(recent_posts * 100.0 / sum(recent_posts) OVER (), 1) AS share
FROM active_users
WHERE recent_posts > 0;
COMMENT ON VIEW public.top_authors IS 'Who wrote most in the last 30 days. Exists so that the prize of the month is decided by a rule that everybody can read.';
COMMENT ON COLUMN public.top_authors.place IS 'Authors with equally many posts share a place.';
COMMENT ON COLUMN public.top_authors.share IS 'Of all recent posts, in percent.';
GRANT SELECT ON public.top_authors TO PUBLIC;

-- Create materialized view public.posts_per_month.
CREATE MATERIALIZED VIEW public.posts_per_month AS
SELECT
    date_trunc('month', created_at AT TIME ZONE 'UTC')::date AS month,
    count(*) AS post_count,
    count(DISTINCT user_id) AS author_count,
    sum(fee) AS fees,
    round(avg(length(body))) AS average_length
FROM posts
GROUP BY 1
WITH DATA;
CREATE UNIQUE INDEX posts_per_month_month ON public.posts_per_month USING btree (month);
COMMENT ON MATERIALIZED VIEW public.posts_per_month IS 'How much was written in each month. Materialized because the charts ask for years, and the months that are over do not change.';
COMMENT ON COLUMN public.posts_per_month.month IS 'The first day of the month, in UTC.';
COMMENT ON COLUMN public.posts_per_month.average_length IS 'In characters; empty when no post of the month has a body.';
GRANT SELECT ON public.posts_per_month TO PUBLIC;
