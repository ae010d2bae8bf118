create function f() returns void begin atomic insert into log (line) values ('a'); end;

create function f(a text, b int) returns void begin atomic insert into log (line, n) values (a, b); end;

create function f(a text, b int) returns void begin atomic insert into log (line, n) values (f.a, $2); end;

create function f(a text) returns void begin atomic insert into log (line, n) values (a, c); end;

create function f() returns void begin atomic insert into shelf (id) values (1); update shelf set slot = 'a' where id = 1; delete from shelf where mood = 'sad'; end;

create function f() returns int begin atomic insert into shelf (id) values (1) returning id; end;

create function f() returns int begin atomic insert into shelf (id) values (1) returning slot; end;

create function f() returns int begin atomic insert into shelf (id) values (1) returning id, slot; end;

create function f() returns int begin atomic insert into shelf (id) values (1); end;

create function f() returns setof shelf begin atomic insert into shelf (id) values (1) returning *; end;

create function f() returns setof shelf begin atomic update shelf set slot = 'a' returning *; end;

create function f() returns setof shelf begin atomic delete from shelf returning shelf; end;

create function f() returns table (i int, s text) begin atomic update shelf set slot = 'a' returning id, slot; end;

create function f() returns table (i int, s text) begin atomic update shelf set slot = 'a' returning slot, id; end;

create function f(out i int, out s text) begin atomic delete from shelf returning id, slot; end;

create function f() returns setof record begin atomic delete from shelf returning id, slot; end;

create function f() returns bigint begin atomic delete from shelf returning id; end;

create function f() returns text begin atomic delete from shelf returning 'gone'; end;

create function f() returns void begin atomic insert into log (line, n) select slot, id from shelf; end;

create function f() returns void begin atomic insert into log (line, n) select 'a', null from shelf; end;

create function f() returns void begin atomic insert into log (line, n) select slot, slot from shelf; end;

create function f() returns void begin atomic insert into log (line, n) values ('a', 1), ('b', 'x'); end;

create function f() returns void begin atomic insert into log (line, n) values ('a', 1), ('b'); end;

create function f() returns void begin atomic insert into log (line, n) values ('a', 1), ('b', default); end;

create function f() returns void begin atomic insert into log (line, n) values (default, default); end;

create function f() returns void begin atomic insert into log (line, n) values (('a', 1)); end;

create function f() returns void begin atomic insert into log (line, n) select ('a', 1); end;

create function f() returns void begin atomic insert into log (line) values ('a') order by 1; end;

create function f() returns void begin atomic insert into log (line) values (default) limit 1; end;

create function f() returns void begin atomic insert into log as l (line) values ('a') returning l.line; end;

create function f() returns void begin atomic insert into log as l (line) values ('a') returning log.line; end;

create function f() returns void begin atomic insert into log (line) values (line); end;

create function f() returns void begin atomic insert into shelf (id, number) values (1, 2); end;

create function f() returns void begin atomic insert into shelf (id, number) overriding system value values (1, 2); end;

create function f() returns void begin atomic insert into shelf (id, double) values (1, default); end;

create function f() returns void begin atomic with x as (insert into log (line) values ('a') returning *) select line from x; end;

create function f() returns text begin atomic with x as (insert into log (line) values ('a') returning line) select line from x; end;

create function f() returns text begin atomic with x as (insert into log (line) values ('a')) select line from x; end;

create function f() returns text begin atomic with x as (insert into log (line) values ('a')) select 'b'; end;

create function f() returns text begin atomic with x as (update shelf set slot = 'a' where id = 1 returning id, home) insert into log (n) select id from x; select 'b'; end;

create function f() returns text begin atomic with x (a) as (delete from shelf returning id), y as (select a from x) select a::text from y; end;

create function f() returns text begin atomic with x (a, b) as (delete from shelf returning id) select a::text from x; end;

create function f() returns text begin atomic select line from (with x as (insert into log (line) values ('a') returning line) select line from x) s; end;

create function f() returns text begin atomic with recursive x as (insert into log (line) select line from x returning line) select line from x; end;

create function f() returns text begin atomic with recursive y as (select line from x), x as (insert into log (line) values ('a') returning line) select line from y; end;

create function f() returns void begin atomic with x as (select 1 as id) update shelf set slot = 'a' from x where x.id = shelf.id; end;

create function f() returns void begin atomic with x as (select 1 as id) delete from shelf using x where x.id = shelf.id; end;

create function f() returns void begin atomic with shelf as (select 1 as id) delete from shelf; end;

create function f() returns void begin atomic with x as (select 1 as id) delete from x; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (id) do nothing; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (id) do update set slot = excluded.slot; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (id) do update set slot = excluded.slot || shelf.slot where shelf.mood = excluded.mood; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (id) do update set slot = slot; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (id) do update set slot = excluded.ctid::text; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (lower(slot)) where mood = 'ok' do nothing; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (mood) do nothing; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (nothing) do nothing; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (slot collate "C") do nothing; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (slot collate "nothing") do nothing; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (slot desc) do nothing; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (slot nulls first) do nothing; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict on constraint shelf_tags do nothing; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict on constraint nothing do nothing; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict do update set slot = 'b'; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (id) do update set (slot, mood) = (select 'b', 'ok'::mood); end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict ((select id)) do nothing; end;

create function f() returns void begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (id) do update set slot = 'b' returning excluded.slot; end;

create function f() returns setof text begin atomic insert into shelf (id, slot) values (1, 'a') on conflict (id) do update set slot = 'b' returning slot; end;

create function f() returns void begin atomic update shelf set slot = 'a' where nothing = 1; end;

create function f() returns void begin atomic update shelf set slot = 'a' where id; end;

create function f() returns void begin atomic update shelf s set slot = s.slot || 'x', mood = 'ok' where s.home = row('a', 'b', 1)::address; end;

create function f() returns void begin atomic update shelf set slot = o.token from orders o where o.id = shelf.id; end;

create function f() returns void begin atomic update shelf set slot = o.token::text from orders o where o.id = shelf.id; end;

create function f() returns void begin atomic update shelf set slot = (select max(line) from log where n = id), tags = tags || slot; end;

create function f() returns void begin atomic update shelf set id = shelf.id + 1 from shelf other where other.id = shelf.id; end;

create function f() returns void begin atomic update shelf set id = id + 1 from shelf other where other.id = shelf.id; end;

create function f() returns void begin atomic update only base set a = 1; end;

create function f() returns void begin atomic update derived set a = 1, c = 'x'; end;

create function f() returns void begin atomic update odd set "Group" = 1, later = '2024-01-01'; end;

create function f() returns void begin atomic insert into odd values (1, 'a', 2.5, 3, '2024-01-01'); end;

create function f() returns void begin atomic insert into odd values (1, 'a', 2.5, 3, '2024-01-01', 4); end;

create function f() returns void begin atomic insert into odd (dropped) values (1); end;

create function f() returns void begin atomic insert into events (at, kind, payload) values (now(), 'a', '{"a": 1}'); end;

create function f() returns void begin atomic insert into events (at, kind, payload) values (now(), 'a', '{"a": 1'); end;

create function f() returns void begin atomic insert into products (sku, title, price) values ('12345678', 'a', 1.5); end;

create function f() returns void begin atomic insert into products (sku, title, price) values ('123456789', 'a', 1.5); end;

create function f() returns void begin atomic insert into employees (id, name, salary, bits, skills, ip, spot) values (1, 'a', 5, '101', array[1, 2], '10.0.0.1', '(1,2)'); end;

create function f() returns void begin atomic insert into employees (id, name, bits) values (1, 2, 3); end;

create function f() returns void begin atomic insert into employees (id, name) values (1.5, 2); end;

create function f() returns void begin atomic insert into employees (id, name) values (now(), 2); end;

create function f() returns void begin atomic insert into shelf (home) values (row('a', 'b', 1)); end;

create function f() returns void begin atomic insert into shelf (home) values (row('a', 'b')); end;

create function f() returns void begin atomic insert into shelf (home) values (row('a', 'b', now())); end;

create function f() returns void begin atomic insert into shelf (home.street, home.zip, second.floor) values ('a', 'b', 3); end;

create function f() returns void begin atomic insert into shelf (home.street, home) values ('a', row('a', 'b', 1)); end;

create function f() returns void begin atomic insert into shelf (home.street, home.zip) values ('a', 'b'), ('c', 'd'); end;

create function f() returns void begin atomic insert into shelf (second.street, tags[1]) values ('a', 'b'), ('c', 'd'); end;

create function f() returns void begin atomic insert into shelf (homes[1].street) values ('a'); end;

create function f() returns void begin atomic insert into shelf (home.*) values ('a'); end;

create function f() returns void begin atomic insert into shelves (id, slot) values (1, 'a'); end;

create function f() returns void begin atomic update shelves set slot = 'a' where id = 1; end;

create function f() returns void begin atomic delete from shelves where mood = 'ok'; end;

create function f() returns void begin atomic insert into pg_class (relname) values ('a'); end;

create function f() returns void begin atomic insert into app.nothing values ('a'); end;

create function f() returns void begin atomic insert into nothing.log values ('a'); end;

create function f() returns void begin atomic insert into address values ('a'); end;

create function f(c customers) returns void begin atomic insert into log (line) values (initials(c)), (c.name), (f.c.nick); end;

create function f(c customers) returns void begin atomic insert into customers values (c.*); end;

create function f(c customers) returns void begin atomic insert into customers select c.*; end;

create function f() returns void begin atomic delete from orders o using customers c where c.id = o.customer_id and c.mood = 'sad' and initials(c) = 'A'; end;

create function f() returns void begin atomic delete from orders o using orders o; end;

create function f() returns void begin atomic delete from orders o using customers c join order_lines l using (order_id) where l.order_id = o.id; end;

create function f() returns void begin atomic delete from orders o using order_lines l where l.order_id = o.id and l.amount > total(1); end;

create function f() returns void begin atomic delete from orders o where o.wait ~~~ 1; end;

create function f() returns void begin atomic delete from products where size ~~~ weight; end;

create procedure f(a int) begin atomic insert into log (n) values (a); update log set n = a + 1; end;

create procedure f(a int, out b int) begin atomic insert into log (n) values (a) returning n; end;

create procedure f(a int) begin atomic call tidy(); end;

create function f() returns void begin atomic create table x (a int); end;

create function f() returns void language sql as $$ insert into log (line) values ('a') $$;

create function f() returns void language sql as $$ insert into log (nothing) values ('a') $$;

create function f() returns void language sql as 'insert into log (line, n) values (''a'', ''b'')';

create function f(a text) returns void language sql as $$ update log set n = a $$;

create function f(a text) returns void language sql as $$ update log set line = a where n = $1::int; delete from log where nope $$;

create function f() returns int language sql as $$ insert into log (line) values ('a') returning line $$;

create function f() returns int language sql as $$ insert into log (line) values ('a') returning n $$;

create function f() returns int language sql as $$ insert into log (line) values ('a') $$;

create function f() returns setof log language sql as $$ insert into log (line) values ('a') returning * $$;

create function f() returns setof log language sql as $$ update log set n = 1 returning line, n $$;

create function f() returns setof log language sql as $$ with x as (delete from log returning *) select * from x $$;

create function f() returns setof log language sql as $$ with x as (delete from log) select * from x $$;

create function f() returns void language sql as $$ insert into shelf (id, slot) values (1, 'a') on conflict (id) do update set slot = excluded.slott $$;

create function f() returns void language sql as $$ delete from log where current of c $$;

create function f() returns void begin atomic update log set line = t.x from (values (1, 'a')) t (y, x) where t.y = n; end;

create function f() returns void begin atomic update log set line = x from unnest(array['a']) x; end;

create function f() returns void begin atomic update log set amount = add_vat(amount), n = coalesce(n, 0) + 1; end;

create function f() returns void begin atomic insert into log (line, amount) select t.first_name, 1 from customers, split_name(customers.name) t; end;

-- since 15
create function f() returns void begin atomic merge into shelf s using log l on l.n = s.id when matched then update set slot = l.line when not matched then insert (id, slot) values (l.n, l.line); end;

-- since 15
create function f() returns void begin atomic merge into shelf s using log l on l.n = s.id when matched and s.mood = 'sad' then delete when matched then do nothing when not matched then do nothing; end;

-- since 15
create function f() returns void begin atomic merge into shelf s using log l on l.n = s.id when not matched then insert (id, slot) values (l.n, s.slot); end;

-- since 15
create function f() returns void begin atomic merge into shelf s using log l on l.n = s.id when not matched then insert default values; end;

-- since 15
create function f() returns void begin atomic merge into shelf s using log l on l.n = s.id when not matched and l.amount > 1 then insert values (l.n); end;

-- since 15
create function f() returns void begin atomic merge into shelf s using log l on l.n = s.id when matched then update set slot = l.n; end;

-- since 15
create function f() returns void begin atomic merge into shelf s using log l on l.n = s.id when matched then update set slot = l.nothing; end;

-- since 15
create function f() returns void begin atomic merge into shelf s using log s on true when matched then delete; end;

-- since 15
create function f() returns void begin atomic merge into shelf s using log l on l.n = s.id when matched then delete when matched then do nothing; end;

-- since 15
create function f() returns void begin atomic merge into shelf s using (select n, max(line) as line from log group by n) l on l.n = s.id when matched then update set (slot, tags[1]) = (l.line, 'a'); end;

-- since 15
create function f() returns void begin atomic merge into shelf s using log l on l.n when matched then delete; end;

-- since 15
create function f() returns void begin atomic merge into shelf s using log l on l.n = s.id when matched and count(*) > 1 then delete; end;

-- since 15
create function f() returns void begin atomic merge into shelf s using log l join customers c on c.name = l.line on l.n = s.id when matched then update set slot = c.nick; end;

-- since 15
create function f() returns void begin atomic with recursive x as (select 1) merge into shelf s using log l on l.n = s.id when matched then delete; end;

-- since 15
create function f() returns void begin atomic with x as (select 1 as n) merge into shelf s using x on x.n = s.id when matched then delete; end;

-- since 15
create function f() returns void begin atomic merge into shelves s using log l on l.n = s.id when matched then delete; end;

-- since 15
create function f() returns void begin atomic merge into daily s using log l on true when matched then delete; end;

-- since 15
create function f() returns int begin atomic merge into shelf s using log l on l.n = s.id when matched then delete; end;

-- since 17
create function f() returns setof int begin atomic merge into shelf s using log l on l.n = s.id when matched then delete returning s.id; end;

-- since 17
create function f() returns table (a text, b int, c text) begin atomic merge into shelf s using log l on l.n = s.id when matched then delete returning merge_action(), s.id, l.line; end;

-- since 17
create function f() returns table (a text, b int, c text) begin atomic merge into shelf s using log l on l.n = s.id when matched then delete returning merge_action(), s.id, l.nothing; end;

-- since 17
create function f() returns text begin atomic select merge_action(); end;

-- since 17
create function f() returns setof text begin atomic with x as (merge into shelf s using log l on l.n = s.id when not matched by source then delete when not matched by target then insert (id) values (l.n) returning merge_action() as did) select did from x; end;

-- since 17
create function f() returns void begin atomic merge into shelf s using log l on l.n = s.id when not matched by source and l.n = 1 then delete; end;

-- since 17
create function f() returns void begin atomic merge into shelf s using log l on l.n = s.id when not matched by source and s.id = 1 then update set slot = 'a', mood = default; end;

-- since 18
create function f() returns setof text begin atomic update shelf set slot = 'a' returning old.slot; end;

-- since 18
create function f() returns table (a text, b text, c text) begin atomic update shelf set slot = 'a' returning old.slot, new.slot, slot; end;

-- since 18
create function f() returns setof shelf begin atomic update shelf set slot = 'a' returning old.*; end;

-- since 18
create function f() returns setof shelf begin atomic update shelf set slot = 'a' returning new; end;

-- since 18
create function f() returns setof text begin atomic update shelf set slot = 'a' returning with (old as o, new as n) o.slot || n.slot; end;

-- since 18
create function f() returns setof text begin atomic update shelf set slot = 'a' returning with (old as o, old as n) o.slot || n.slot; end;

-- since 18
create function f() returns setof text begin atomic update shelf set slot = 'a' returning with (old as shelf) slot; end;

-- since 18
create function f() returns setof text begin atomic update shelf old set slot = 'a' returning old.slot || new.slot; end;

-- since 18
create function f() returns setof text begin atomic update shelf set slot = 'a' returning with (old as o) old.slot; end;

-- since 18
create function f() returns setof text begin atomic insert into shelf (id) values (1) on conflict (id) do update set slot = excluded.slot returning old.slot || new.slot; end;

-- since 18
create function f() returns setof text begin atomic delete from shelf returning (select old.slot || l.line from log l where l.n = new.id); end;

-- since 18
create function f() returns setof text begin atomic merge into shelf s using log l on l.n = s.id when matched then update set slot = 'a' returning old.slot || new.slot || l.line; end;

-- since 18
create rule r as on insert to shelves do instead insert into shelf (id, slot) values (new.id, new.slot) returning new.id, new.slot, old.mood;

create function f() returns void begin atomic update shelf set number = default, double = default; end;

create function f() returns void begin atomic update shelf set number = 1; end;

create function f() returns void begin atomic update shelf set double = 1; end;

create function f() returns void begin atomic update shelf set slot = 'a', slot = 'b'; end;

create function f() returns void begin atomic update shelf set home.street = 'a', home.zip = 'b', tags[1] = 'c', tags[2] = 'd'; end;

create function f() returns void begin atomic update shelf set home.street = 'a', home = null; end;

create function f() returns void begin atomic insert into shelf (id, number) values (1, default), (2, default); end;

create function f() returns void begin atomic insert into shelf (id, number) values (1, default), (2, 3); end;

create function f() returns void begin atomic insert into shelf (id, number) overriding user value values (1, 2); end;

create function f() returns void begin atomic insert into shelf (id, double) overriding system value values (1, 2); end;

create function f() returns void begin atomic insert into shelf (id) values (1) on conflict (id) do update set number = 2; end;

create function f() returns void begin atomic with x as (insert into shelf (id, number) values (1, 2) returning id) select id from x; end;

create function f() returns void begin atomic insert into counted values ('ok', 1); end;

create function f() returns void begin atomic update counted set n = 1; end;

create function f() returns void begin atomic delete from counted; end;

create function f() returns void begin atomic delete from joined_up; end;

create function f() returns void begin atomic delete from daily; end;

create function f() returns void begin atomic delete from counter; end;

create function f() returns void language sql as 'insert into log (line, n) values (''it''''s'', nothing)';

-- since 15
create function f() returns void begin atomic merge into shelf s using log l on l.n = s.id when not matched then insert (id, number) values (1, 2); end;

create function f(x anyarray) returns anyelement language sql return x[1];

create function f() returns int language sql as 'select 1' return 2;

create function f() returns int language sql as 'select 1', 'select 2';
