CREATE VIEW w AS SELECT id, email, name FROM users;
CREATE VIEW reports.x AS SELECT name FROM public.w;
