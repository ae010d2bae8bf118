CREATE MATERIALIZED VIEW m AS SELECT id, email, name FROM users;
CREATE INDEX i ON m (id);
CREATE MATERIALIZED VIEW reports.m AS SELECT id FROM public.users;
CREATE INDEX i ON reports.m (id DESC);
