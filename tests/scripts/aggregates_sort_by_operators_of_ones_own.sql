-- What sorts inside of an aggregate, or tells its arguments apart, is used by the view.
create type shade as (red int, green int);
create function darker(shade, shade) returns boolean language sql immutable as $$ select $1.red < $2.red $$;
create function same(shade, shade) returns boolean language sql immutable as $$ select $1.red = $2.red $$;
create function lighter(shade, shade) returns boolean language sql immutable as $$ select $1.red > $2.red $$;
create function compared(shade, shade) returns int language sql immutable as $$ select $1.red - $2.red $$;
create operator <^ (function = darker, leftarg = shade, rightarg = shade);
create operator =^ (function = same, leftarg = shade, rightarg = shade);
create operator >^ (function = lighter, leftarg = shade, rightarg = shade);
create operator class shade_ops default for type shade using btree as
    operator 1 <^, operator 3 =^, operator 5 >^, function 1 compared(shade, shade);
create table paints (id int, tint shade);
select array_agg(id order by tint using >^) from paints;
select array_agg(id order by tint) from paints;
select array_agg(id order by tint desc) from paints;
select count(distinct tint) from paints;
select array_agg(distinct tint order by tint desc) from paints;
select percentile_disc(0.5) within group (order by tint) from paints;
create view ordered as select array_agg(id order by tint using >^) as ids from paints;
drop operator >^ (shade, shade);
