create or replace function public.f ( a int )
    returns int4
    strict
as $$SELECT a$$
    language sql;
