CREATE VIEW names AS WITH users AS (SELECT id, name FROM public.users WHERE id > 1) SELECT id, name FROM users;
