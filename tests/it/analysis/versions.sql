-- Words that later versions took as keywords, as names.
create table u (id int, system_user text);
create view w as select system_user from u where u.system_user is not null

create view w as select system_user

create table t (json_array int, json_value int, json_table int, merge_action int, json int, absent int, keys int);
create view w as select json_array, json_value + 1 as v, json_table, merge_action, json, absent, t.keys from t

create table json_table (id int);
create view w as select json_table.id from json_table

create view w as select json_object('{a,1,b,2}'::text[]) as o, json_object('{a,b}', '{1,2}') as p

create view w as select json_object('{a,1,b,2}')

create view w as select json_array(1, 2) as a

create function json_array(int, int) returns int[] language sql immutable as 'select array[$1, $2]';
create view w as select json_array(1, 2) as a

create function json_exists(text, text) returns boolean language sql immutable as 'select $1 = $2';
create view w as select json_exists('{}', '$') as a

create function json_scalar(int) returns text language sql immutable as 'select $1::text';
create view w as select json_scalar(1) as a

create function json(int) returns text language sql immutable as 'select $1::text';
create view w as select json(1) as a

create view w as select json('{"a": 1}') as a, json '{}' as b, '{}'::json as c, cast('[]' as json) as d

create view w as select json('{}') as json

create view w (json, path) as select json '1', text '2'

create function system_user() returns text language sql stable as 'select ''me''::text';
create view w as select system_user() as a

create function merge_action() returns text language sql stable as 'select ''x''::text';
create view w as select merge_action() as a

create type json_value as (a int);
create table t (v json_value);
create view w as select (t.v).a from t

create domain json_scalar as int check (value > 0);
create view w as select 1::json_scalar + 1 as a

create schema system_user

create role merge_action

create view w as select 1 system_user, 2 json_array, 3 json

create view w as select system_user.a from (select 1 as a) system_user

create view w as select json_array.a from (select 1 as a) as json_array

create view w as with json_query as (select 1 as a) select a from json_query

create table t (format json, source text, target text, path text, string text, error text, empty bool, virtual int, period tstzrange, enforced bool, matched int, merge int);
create view w as select format, source, target, path, string, error, empty, virtual, period, enforced, matched, merge from t

create view w as select 1 format, 2 source, 3 path, 4 virtual, 5 merge

create table t (format text);
create view w as select format json from t

create function error(text) returns int language sql immutable as 'select length($1)';
create view w as select error('x') as a

create view w as select x.a from (select 1 as a) merge join (select 1 as a) x on x.a = merge.a

create table t (a int, constraint json_value check (a > 0), constraint path unique (a))

create function f(json_value int, path text) returns int language sql immutable as 'select json_value + length(path)';
create view w as select f(json_value => 1, path => 'x') as a

create function f() returns int language sql begin atomic select json_value from (select 1 as json_value) s; end;
create view w as select f() as a

create function f() returns text language sql stable as 'select system_user::text'

create function f() returns trigger language plpgsql as 'begin return new; end';
create table t (a int, merge_action text);
create trigger json_table before update of merge_action on t for each row execute function f();
create view w as select merge_action from t

create table t (a int, system_user text);
create index on t (system_user) where system_user is not null;
create index on t ((json_object('{a,1}'::text[])::text));
create view w as select a from t

-- Words that make syntax.
create view w as select json_array(1, 2 returning text) as a

create view w as select json_array(select 1) as a

create view w as select json_object('a': 1, 'b': 2) as a

create view w as select json_object('a' value 1) as a

create view w as select json_objectagg('a': 1) as a

create view w as select json_arrayagg(a order by a) as a from (values (1), (2)) v(a)

create view w as select json_arrayagg(a) as a from (values (1), (2)) v(a)

create view w as select '{}' is json as a

create view w as select '{}' is json object with unique keys as a

create view w as select json('{}' with unique keys) as a

create view w as select json_scalar(1) as a

create view w as select json_serialize('{}') as a

create view w as select json_serialize('{}' returning bytea) as a

create view w as select json_exists(jsonb '{}', '$.a') as a

create view w as select json_value(jsonb '{}', '$.a' returning int default 1 on empty) as a

create view w as select json_query(jsonb '{}', '$.a' with wrapper) as a

create view w as select a from json_table(jsonb '[1]', '$[*]' columns (a int path '$')) j

create view w as select xmlserialize(content '<a/>'::xml as text indent) as a

create table t (a int, b int generated always as (a + 1) virtual)

create table t (a int, b int generated always as (a + 1) stored)

create table t (a int, b int generated always as (a + 1))

create table t (a int check (a > 0) not enforced)

create table t (a int, check (a > 0) enforced)

create table t (a int4range, during tstzrange, primary key (a, during without overlaps))

create table t (a int4range, during tstzrange, primary key (a, during without overlaps));
create table u (a int4range, during tstzrange, foreign key (a, period during) references t (a, period during))

create table t (a int);
create function f() returns void language sql begin atomic merge into t using (select 1 as a) s on s.a = t.a when not matched then insert values (s.a); end

create table t (a int);
create function f() returns void language sql begin atomic merge into t using (select 1 as a) s on s.a = t.a when not matched by source then delete; end

create table t (a int);
create function f() returns void language sql begin atomic merge into t using (select 1 as a) s on s.a = t.a when not matched by target then insert values (s.a); end

create table t (a int);
create function f() returns int language sql begin atomic merge into t using (select 1 as a) s on s.a = t.a when matched then delete returning t.a; end

create table t (a int);
create function f() returns text language sql begin atomic merge into t using (select 1 as a) s on s.a = t.a when matched then delete returning merge_action(); end

-- Syntax of later versions without words of its own.
create table t (a int);
create function f() returns int language sql begin atomic update t set a = 1 returning old.a; end

create table t (a int);
create function f() returns int language sql begin atomic update t set a = 1 returning with (old as o) o.a; end

create table t (a int);
create function f() returns int language sql as 'update t set a = 1 returning new.a'

-- from 15
create function f() returns int language sql as 'select 50_000'

-- from 15
create function f() returns int language sql begin atomic select 50_000; end

create view w as select 0x1F as a

create view w as select a from (select 1 as a)

create table t (a int);
create unique index on t (a) nulls not distinct

create table t (a int, unique nulls not distinct (a))

create table t (a int);
alter table t add constraint n not null a

create table t (a int, constraint n not null a)

create table t (a int);
alter table t add constraint n not null a not valid

create table t (a int primary key, b int);
create table u (a int, b int, foreign key (a) references t on delete set null (a))

create table t (a int, b int generated always as (a) stored);
alter table t alter b set expression as (a + 1)

create table t (a text storage external)

create table t (a text);
alter table t alter a set storage default

create view w with (security_invoker) as select 1 as a

create table t (a int, b int);
create statistics on a, b from t

create unlogged sequence s

create view w as select timestamptz '2024-01-01' at local as a

create view w as select any_value(a) as a from (values (1)) v(a)

create view w as select 1.5::numeric(3, -1) as a

create table t (a int) partition by range (a) using heap

create table t (a int);
alter table t set access method default

create table t (a int) partition by range (a);
alter table t set access method heap

create table t (a int) partition by list (a);
create table p partition of t for values in (1);
create table q partition of t for values in (2);
alter table t merge partitions (p, q) into r

create view w as select a from (values (1)) v(a) group by distinct a

create view w as select array_sort(array[2, 1]) as a, casefold('A') as b

create function f(a int default 1) returns int language sql return a;
create view w as select f() as a

create materialized view w as select 1 as a with no data;
alter materialized view w set access method heap

create table t (a int);
create trigger g after insert on t for each row execute function missing()

alter default privileges grant select on large objects to public

grant set on parameter work_mem to public

create table t (a int, constraint c check (a > 0));
alter table t alter constraint c not enforced

create table t (a int primary key);
create table u (a int constraint c references t);
alter table u alter constraint c not enforced

create domain d as int constraint c not null

create table t (like pg_class including compression)

create view w as select 1 as a order by 1 fetch first 1 rows with ties

create view w as select count(*) over (order by a groups 1 preceding) as c from (values (1)) v(a)

create table t (a int);
alter table t alter a set statistics default

create table t (a int not null no inherit)

create table t (a int not null);
alter table t alter constraint t_a_not_null no inherit

create table t (a int primary key);
create table u (a int references t);
alter table u alter constraint u_a_fkey deferrable;
alter table u alter constraint u_a_fkey not deferrable

create table t (a int primary key);
alter table t alter constraint t_pkey deferrable

create table t (a int primary key);
alter table t alter constraint missing deferrable

create domain d as int;
alter domain d add constraint c not null

create table t (a int);
grant maintain on t to public

create table t (a int);
create view w as select a from t;
alter view w set (security_invoker = true)

create table t (a int);
grant nothing on t to public

create view w as select x.* from xmltable('/r' passing '<r><path>1</path></r>'::xml columns path int path 'path') x
