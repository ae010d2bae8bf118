CREATE SCHEMA app;
CREATE TABLE public.t (id int, a int);
