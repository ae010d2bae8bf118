CREATE VIEW my_reports.w AS SELECT 1 AS a;
CREATE VIEW reports.w AS SELECT 1 AS a;
CREATE VIEW public.v AS SELECT a FROM my_reports.w;
