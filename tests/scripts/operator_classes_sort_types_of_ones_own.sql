-- Operator classes that migrations make decide what sorts, groups and compares.
create type shade as (red int, green int);
create domain plain as int;
create function darker(int, int) returns boolean language sql immutable as $$ select $1 < $2 $$;
create function darker_or_same(int, int) returns boolean language sql immutable as $$ select $1 <= $2 $$;
create function same(int, int) returns boolean language sql immutable as $$ select $1 = $2 $$;
create function lighter_or_same(int, int) returns boolean language sql immutable as $$ select $1 >= $2 $$;
create function lighter(int, int) returns boolean language sql immutable as $$ select $1 > $2 $$;
create function compared(int, int) returns int language sql immutable as $$ select $1 - $2 $$;
create operator <^ (function = darker, leftarg = int, rightarg = int);
create operator <=^ (function = darker_or_same, leftarg = int, rightarg = int);
create operator =^ (function = same, leftarg = int, rightarg = int);
create operator >=^ (function = lighter_or_same, leftarg = int, rightarg = int);
create operator >^ (function = lighter, leftarg = int, rightarg = int);
create table paints (id int, coverage int);
select id from paints order by coverage using <^;
create operator family coats using btree;
create operator family coats using btree;
create operator class coat_ops for type int using btree family coats as
    operator 1 <^, operator 2 <=^, operator 3 =^, operator 4 >=^, operator 5 >^, function 1 compared(int, int);
create operator class coat_ops for type int using btree family coats as
    operator 1 <^, operator 2 <=^, operator 3 =^, operator 4 >=^, operator 5 >^, function 1 compared(int, int);
create operator class paint_ops default for type int using btree as operator 1 <^, function 1 compared(int, int);
select id from paints order by coverage using <^;
select id from paints order by coverage using >^, id using <;
select (id, coverage) <^ (1, 2) from paints;
select id from paints order by coverage using =^;
drop operator class coat_ops using btree;
select id from paints order by coverage using <^;
alter operator family coats using btree add operator 1 <^ (int, int), operator 3 =^ (int, int);
alter operator family coats using btree drop operator 1 (int, int);
select id from paints order by coverage using <^;
drop operator family coats using btree;
drop operator family coats using btree;
drop operator family if exists coats using btree;
drop operator class nothing using hash;
