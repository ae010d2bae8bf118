-- unknown table
create view v as
select id from user;
create view v as
select u.id
from users u
join post p on p.user_id = u.id;
create view v as select id from orders;
create view v as select id from app.order;
create view v as select id from shop.orders;
create view v as select id from invoices;
create view v as select (select count(*) from comments c where c.post_id = p.id) from posts p;
create view v as select p.id from posts;
create view v as select posts.id from posts p;
create view v as select u.* from posts p;
create view v as with recent as (select id from posts) select id from recents;
create view v as select id from users tablesample bernoulli (1), nothing tablesample system (1);
create view v as select p.id from users u, (select id from posts where posts.user_id = u.id) p;
create view v as select a.id from users a left join posts b on b.user_id = c.id left join posts c on true;
create view v as select id from users for update of posts;
create view v as select i.id from users u, posts p;
create view v as select c.x from users u, (select u.id as x) as c;
create view v as select id from u;
create view v as select id from other.app.users;

-- unknown column
create view v as
select id,
       nmae
from users;
create view v as select u.titel from users u join posts p on true;
create view v as select p.titel from users u join posts p on true;
create view v as select "Name" from users;
create view v as select Total from "Invoices";
create view v as select weight from app.orders;
create view v as select name from users order by user.name;
create view v as select id from users join posts using (user_id);
create view v as select id from users where settings.theme = 'dark';
create view v as select (home).town from users;
create view v as select home.city from users;
create view v as select count(*) as n from users where n > 1;
create view v as select id as key from users group by kye;
create view v as select sum(score) over w from posts;
create view v as select x.c from (select id, name from users) x (a, b);
create view v as select public.users.nmae from users;
create view v as select other.public.users.name from users;
create view v as select id from users union select id from posts order by name;
create view v as select i from users;
create view v as select c.x from users u, (select name as x) as c;
create view v as select id from users where name = "new";

-- unknown function
create view v as
select id, lenght(name) as size
from users;
create view v as select app.slug(name) from users;
create view v as select slugs(name) from users;
create view v as select nowhere.slug(name) from users;
create view v as select string_aggregate(name, ',') from users;
create view v as select u.area() from users u;
create view v as select * from generate_serie(1, 10);
create view v as select tidy();
create view v as select name(1, 2) from users;
create view v as select len(name) from users;
create view v as select nvl(name, 'x') from users;
create view v as select group_concat(name) from users;
create view v as select iif(id > 1, 1, 2) from users;

-- wrong argument types
create view v as
select slug(id)
from users;
create view v as select slug(name, 1) from users;
create view v as select date_trunc(written_at, 'day') from posts;
create view v as select substring(id from 1 for 2) from users;
create view v as select round(score, 1.5) from posts;
create view v as select sum(name) from users;
create view v as select array_append(tags, 1) from posts;
create view v as select slug(text => name) from users;
create view v as select slug(words => name, words => name) from users;
create view v as select paid_on('2020-01-01');
create view v as select paid_on(null);
create view v as select jsonb_build_object(variadic settings) from users;
create view v as select coalesce(id, name) from users;
create view v as select case when id > 1 then name else born end from users;
create view v as select greatest(born, id) from users;
create view v as select array[id, name] from users;
create view v as select id in (1, born) from users;
create view v as select id::date from users;
create view v as select cast(settings as address) from users;
create view v as select 'today'::date + born from users;
create view v as select id from users where name;
create view v as select id from users limit 'a';
create view v as select id from users where not id;
create view v as select case when id then 1 end from users;
create view v as select id from users u join posts p on p.user_id;
create view v as select tags['a'] from posts;
create view v as select name[1] from users;
create view v as select 'angry'::mood = mood from users;
create view v as select id from users where mood = 'angry';
create view v as select id from users where id = 'one';
create view v as select id from posts where written_at > 'yesterdya';
create view v as select id from users where settings = '{a}';
create view v as select interval '1 fortnite';
create view v as select id from users where name::varchar;
create view v as select id from users where (id + 1)::text;
create view v as select id in (select id, name from users) from users;
create view v as select (id, name) in (select id from users) from users;

-- unknown operator
create view v as
select name + 1 as next
from users;
create view v as select id || born from users;
create view v as select name = id from users;
create view v as select settings = '{}'::json from users;
create view v as select settings -> true from users;
create view v as select not_null.id ~~~ 1 from users not_null;
create view v as select - name from users;
create view v as select mood > name from users;
create view v as select born between 1 and 2 from users;
create view v as select id in (select name from users) from users;
create view v as select (id, name) = (name, id) from users;
create view v as select id = any (tags) from posts;
create view v as select id = any (id) from posts;
create view v as select '1' + '2';
create view v as select name operator(app.+) 1 from users;
create view v as select nullif(id, name) from users;
create view v as select id from users join posts using (id) join (select 'a'::text as id) x using (id);
create view v as select id from app.orders order by at;
create view v as select distinct at from app.orders;
create view v as select at from app.orders group by at;
create view v as select id from users order by name using ~;
create view v as select settings->'a' = 1 from users;
create view v as select name like 1 from users;

-- unknown type
create view v as
select id::bigintt
from users;
create view v as select name::app.mood from users;
create view v as select cast(name as nowhere.mood) from users;
create view v as select null::moods;
create view v as select 'ok'::public.mod;
create view v as select name::varchar(a) from users;
create view v as select name::text(3) from users;
create view v as select 1::numeric(2000);
create view v as select * from json_to_record('{}') as r (a int, b txt);
create view v as select name collate "de_DE_nowhere" from users;
create view v as select id collate "C" from users;
create view v as select null::users.nmae%type;

-- ambiguous column
create view v as
select id
from users
join posts on posts.user_id = users.id;
create view v as select u.id from users u, posts u;
create view v as select * from users a join posts b using (id) join users c using (name) order by email;
create view v as select a.id from (users join posts on true) a;
create view v as select name from users natural join app.orders join posts using (id);
create view v as select x.a from (select 1 as a, 2 as a) x;
create view v as select id as name, name from users order by name;

-- column not in group by
create view v as
select u.name, p.title, count(*)
from users u
join posts p on p.user_id = u.id
group by u.id;
create view v as select title, max(score) from posts;
create view v as select * from posts group by user_id;
create view v as select user_id from posts group by user_id having score > 1;
create view v as select user_id from posts group by user_id order by written_at;
create view v as select (select p.title) from posts p group by p.user_id;
create view v as select lower(title) from posts group by upper(title);
create view v as select user_id, count(*) over (order by score) from posts group by user_id;
create view v as select id from posts where count(*) > 1;
create view v as select sum(count(*)) from posts;
create view v as select sum(row_number() over ()) from posts;
create view v as select id from posts where row_number() over () = 1;
create view v as select id from posts group by row_number() over ();
create view v as select u.id from users u join posts p on count(*) > 1;
create view v as select id from posts limit count(*);
create view v as select id from posts group by 3;
create view v as select sum(score) from posts group by 1;
create view v as select distinct name from users order by id;
create view v as select distinct on (id) name from users order by name;
create view v as select row_number() from users;
create view v as select lower(name) over () from users;
create view v as select percentile_cont(0.5) from posts;
create view v as select lower(name) filter (where true) from users;
create view v as select grouping(title) from posts group by user_id;
create view v as select id from users u, lateral (select count(u.id) from posts having count(u.id) > 1) x;

-- duplicate column name
create view v as
select u.id, p.id
from users u
join posts p on p.user_id = u.id;
create view v as select * from users u join posts p on p.user_id = u.id;
create view v as select count(*), count(name) from users;
create view v (a, a) as select id, name from users;
create view v (a, b, c) as select id, name from users;
create view v as select id, name as id from users;
create view v as select 1, 2;

-- pseudo-type column
create view v as
select id, row(id, name) as pair
from users;
create view v as select u from (select id from users) u;
create view v as select json_populate_record(null::record, '{}');
create view v as select null::anyelement;
create view v as select array_agg(row(id, name)) from users;
create view v as select 'x'::cstring;
create view v as select $1::int;
create view v as select id into w from users;
create view v as select 1 into w union select 2;
create view v as select 1 union select 2 into w;

-- indeterminate collation
create view v as
select case when id > 1 then german else posix end as words
from users;
create view v as select german || posix as words from users;
create view v as select german < posix as less from users;
create view v as select german from users union select posix from users;
create view v as select german from users union all select posix from users;
create view v as select name collate "C" || name collate "POSIX" as words from users;
create view v as select id from users order by german || posix;
create view v as select max(german || posix) from users;
create view v as select german from users where lower(german || posix) = 'a';
create view v as select german || posix from users group by 1;
create view v as select array_agg(id order by german || posix) from users;
create view v as select count(distinct german || posix) from users;
create view v as select mode() within group (order by german || posix) from users;

-- set operations and recursion
create view v as select id, name from users union select id from posts;
create view v as select id from users union select name from users;
create view v as values (1, 'a'), (2);
create view v as values (1), ('a'::text);
create view v as with recursive r as (select 1 as n union all select n + 1.5 from r) select * from r;
create view v as with recursive r as (select n from r union all select 1) select n from r;
create view v as with recursive r as (select 1 as n union all select sum(n) from r) select n from r;
create view v as with recursive r as (select 1 as n union all select r.n from users left join r on true) select n from r;
create view v as with a as (select 1), a as (select 2) select 1;
create view v as with a (x, y) as (select 1) select x from a;
create view v as with a as (select id from b), b as (select id from users) select id from a;
create view v as with recursive r (n) as ((select 1 union select 2) union all select n from r) search depth first by n set s select n from r;
create view v as with recursive r (n) as (select 1 union all (select n from r union all select 2)) search depth first by n set s select n from r;
create view v as with gone as (delete from users returning id) select id from gone;
create view v as select (select id, name from users) as one;
create view v as select id from users where id in (select id, name from users);
create view v as select id from users where exists (select nmae from posts);
create view v as select case when true then generate_series(1, 2) end;
create view v as select id from users where generate_series(1, 2) > 1;
create view v as select id from users limit generate_series(1, 2);
create view v as select * from json_to_record('{}');
create view v as select * from json_to_record('{}') as r;
create view v as select * from slug('a') as s (a text);
create view v as select * from users u (a, b, c, d, e, f, g, h, i, j);
create view v as select *;
create view v as select count(distinct name) over () from users;
create view v as select sum(score) over missing from posts;
create view v as select sum(score) over (order by id range 1 preceding), sum(score) over (range 1 preceding) from posts;
create view v as select sum(score) over (order by title range between 1 preceding and current row) from posts;
create view v as select sum(score) over w from posts window w as (order by id), w as (order by title);
create view v as with r as (select 1 as n) search depth first by n set s select n from r;

-- syntax error
create view v as
select id,
from users;
create view v as select id from users whre id > 1;
create view v as select 'abc;
create view v as select id from users group id;
create view v as selec id from users;
create view v as select sum(id) over (rows between current row and 1 preceding) from users;

-- statements that change rows
create function f() returns void begin atomic insert into users (id, nmae) values (1, 'a'); end;
create function f() returns void begin atomic insert into users (id, name, id) values (1, 'a', 2); end;
create function f() returns void begin atomic insert into users (id, name) values (1, 'a', 'b'); end;
create function f() returns void begin atomic insert into users (id, name) values ((1, 'a')); end;
create function f() returns void begin atomic insert into users (id, born) values (1, 2); end;
create function f() returns void begin atomic insert into users (id, home.citty) values (1, 'a'); end;
create function f() returns void begin atomic insert into users (id, name.first) values (1, 'a'); end;
create function f() returns void begin atomic insert into users (id, home) values (1, row('a', now(), 3)); end;
create function f() returns void begin atomic insert into users (id) values (1) on conflict (name) do update set name = excluded.nmae; end;
create function f() returns void begin atomic insert into users (id) values (1) on conflict do update set name = 'a'; end;
create function f() returns void begin atomic insert into users (id) values (1) on conflict on constraint users_key do nothing; end;
create function f() returns void begin atomic update users set users.name = 'a'; end;
create function f() returns void begin atomic update users set name = 'a', name = 'b'; end;
create function f() returns void begin atomic update users set (name, born) = ('a', 'b', 'c'); end;
create function f() returns void begin atomic update users set name = count(*); end;
create function f() returns void begin atomic update users u set name = users.name; end;
create function f() returns void begin atomic update users set ctid = '(0,1)'; end;
create function f() returns void begin atomic delete from users using (select users.id) u; end;
create function f() returns text begin atomic with gone as (delete from users where id = 1) select name from gone; end;
create function f() returns text begin atomic select * from (with gone as (delete from users returning name) select * from gone) g; end;
create function f() returns int begin atomic delete from users returning name; end;
create function f() returns int begin atomic delete from users; end;
create function f() returns void begin atomic create table t (); end;
create function f() returns void language sql as $$ insert into users (id, nmae) values (1, 'a') $$;
create function f() returns void language sql as 'insert into users (id, born) values (1, ''today''), (2, nwo())';
create function f() returns void language sql as $$ delete users $$;
create rule r as on insert to users do also insert into posts (id, user_id) values (1, new.idd);
create rule r as on insert to users do also insert into posts (id, user_id) values (1, id);
create rule r as on insert to users do also delete from posts where user_id = old.id;
create rule r as on delete to users where new.id = 1 do instead nothing;
create rule r as on update to users do also insert into posts (id) select id from posts union select new.id;
create rule r as on update to users do also with n as (select new.id as id) insert into posts (id) select id from n;
create rule r as on update to users do also delete from posts returning *;
create rule r as on update to users where new.id = 1 do also notify changed;
create rule r as on delete to posts do instead delete from users returning *;
create rule "_RETURN" as on delete to posts do instead nothing
