-- viewkeeper: rollback of V3__create_views
-- Written by `cargo xtask db-diff` together with the migration: the plan of the way back.
--
-- drop view public.active_users
-- drop view public.top_authors
-- drop materialized view public.posts_per_month
--
-- Hazards:
--   breaks-code: materialized view public.posts_per_month is dropped
--   breaks-code: view public.active_users is dropped
--   breaks-code: view public.top_authors is dropped
--   exclusive-lock: readers of `public.active_users` wait until the migration commits
--   exclusive-lock: readers of `public.posts_per_month` wait until the migration commits
--   exclusive-lock: readers of `public.top_authors` wait until the migration commits

-- Drop view public.top_authors.
DROP VIEW public.top_authors;

-- Drop view public.active_users.
DROP VIEW public.active_users;

-- Drop materialized view public.posts_per_month.
DROP MATERIALIZED VIEW public.posts_per_month;
