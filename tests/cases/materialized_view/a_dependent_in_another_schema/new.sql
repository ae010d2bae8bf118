CREATE MATERIALIZED VIEW m AS SELECT id, email, name FROM users;
CREATE MATERIALIZED VIEW reports.mm AS SELECT name FROM public.m;
CREATE INDEX i ON reports.mm (name);
