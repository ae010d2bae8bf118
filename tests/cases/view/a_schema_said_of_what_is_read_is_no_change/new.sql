CREATE VIEW names AS SELECT id, name FROM public.users;

CREATE MATERIALIZED VIEW cities AS SELECT u.city, count(*) FROM public.users AS u GROUP BY u.city;
