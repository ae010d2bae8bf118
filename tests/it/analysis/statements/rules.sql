create rule r as on insert to shelf do also nothing;

create rule r as on insert to shelf do instead nothing;

create rule r as on insert to shelf where new.id > 3 do instead nothing;

create rule r as on insert to shelf where id > 3 do instead nothing;

create rule r as on delete to shelf where old.mood = 'ok' do instead nothing;

create rule r as on delete to shelf where mood = 'ok' do instead nothing;

create rule r as on update to shelf where new.slot <> old.slot do instead nothing;

create rule r as on update to shelf where slot <> 'a' do instead nothing;

create rule r as on insert to shelf where old.id > 3 do instead nothing;

create rule r as on delete to shelf where new.id > 3 do instead nothing;

create rule r as on insert to shelf where new.nothing > 3 do instead nothing;

create rule r as on insert to shelf where new.id do instead nothing;

create rule r as on insert to shelf where exists (select from log where n = new.id) do instead nothing;

create rule r as on insert to shelf do also insert into log values (now(), new.slot);

create rule r as on insert to shelf do also insert into log (line, n) values (new.slot, new.id);

create rule r as on insert to shelf do also insert into log (line, n) values (new.slot, new.id), ('second', 2);

create rule r as on insert to shelf do also insert into log (line, n) values (slot, 1);

create rule r as on insert to shelf do also insert into log (line, n) select new.slot, new.id;

create rule r as on insert to shelf do also insert into log (line, n) select new.slot, customers.id from customers where customers.name = new.slot;

create rule r as on insert to shelf do also insert into log (line, n) select slot, id from shelf where id = new.id;

create rule r as on insert to shelf do also insert into log (line, n) select 'a', id from customers union select new.slot, 1;

create rule r as on insert to shelf where new.id > 1 do also insert into log (line, n) select 'a', id from customers union select 'b', 1;

create rule r as on insert to shelf do also insert into log (line, n) select 'a', id from customers union select 'b', 1;

create rule r as on update to shelf do also insert into log (line, n) select 'a', old.id union select 'b', 1;

create rule r as on insert to shelf do also insert into log default values;

create rule r as on insert to shelf do also (insert into log (line) values (new.slot); delete from log where n = new.id);

create rule r as on delete to shelf do also delete from log where n = old.id;

create rule r as on delete to shelf do also delete from log where n = new.id;

create rule r as on insert to shelf do also delete from log where n = old.id;

create rule r as on delete to shelf do also delete from log using customers where customers.id = log.n and old.slot = name;

create rule r as on update to shelf do also update log set line = new.slot where n = old.id;

create rule r as on update to shelf do also update log set line = new.slot, who = current_user from customers c where c.id = old.id and log.n = c.id;

create rule r as on update to shelf do also update log set line = slot;

create rule r as on update to shelf do also update log set line = new.id;

create rule r as on update to shelf do also update log set n = new.slot;

create rule r as on update to shelf do also update log set (line, n) = (select new.slot, old.id);

create rule r as on update to shelf do also update log set (line, n) = (new.slot, default);

create rule r as on update to shelf do also select * from log;

create rule r as on update to shelf do also select log.*, new.* from log;

create rule r as on update to shelf do also select new from log;

create rule r as on update to shelf do also select * from shelves;

create rule r as on update to shelf do also select * from new;

create rule r as on update to shelf do also select s.* from shelves s where s.id = old.id;

create rule r as on update to shelf do also select (select old.slot), l from log l;

create rule r as on update to shelf do also insert into log (line) select slot from (select new.slot) s;

create rule r as on update to shelf do also insert into log (line) with x as (select slot from shelves) select slot from x;

create rule r as on update to shelf do also insert into log (line) with x as (select new.slot as slot) select slot from x;

create rule r as on update to shelf do also with x as (select new.slot as slot) insert into log (line) select slot from x;

create rule r as on update to shelf do also with x as (select slot from shelves) insert into log (line) select slot from x;

create rule r as on update to shelf do also with x as (insert into log (line) values ('x') returning line) insert into log (line) select line from x;

create rule r as on update to shelf do also notify changed;

create rule r as on update to shelf where new.id = 1 do also notify changed;

create rule r as on insert to shelves do instead insert into shelf (id, slot) values (new.id, new.slot);

create rule r as on insert to shelves do instead insert into shelf (id, slot, mood) values (new.id, new.slot, new.mood) returning id, slot, mood;

create rule r as on insert to shelves do instead insert into shelf (id, slot) values (new.id, new.slot) returning id, slot;

create rule r as on insert to shelves do instead insert into shelf (id, slot) values (new.id, new.slot) returning *;

create rule r as on insert to shelves do instead insert into shelf (id, slot) values (new.id, new.slot) returning id, slot, slot;

create rule r as on insert to shelves do instead insert into shelf (id, slot) values (new.id, new.slot) returning shelf.id, shelf.slot, shelf.mood;

create rule r as on insert to shelves do also insert into shelf (id, slot, mood) values (new.id, new.slot, new.mood) returning id, slot, mood;

create rule r as on insert to shelves where new.id > 3 do instead insert into shelf (id, slot, mood) values (new.id, new.slot, new.mood) returning id, slot, mood;

create rule r as on insert to shelves do instead (insert into shelf (id) values (1) returning id, slot, mood; insert into shelf (id) values (2) returning id, slot, mood);

create rule r as on update to shelves do instead update shelf set slot = new.slot, mood = new.mood where id = old.id returning id, slot, mood;

create rule r as on update to shelves do instead update shelf set slot = new.slot where id = old.id returning new.id, new.slot, new.mood;

create rule r as on delete to shelves do instead delete from shelf where id = old.id returning old.*;

create rule r as on insert to shelf do also insert into nothing values (1);

create rule r as on insert to shelf do also insert into log (nothing) values (1);

create rule r as on insert to shelf do also insert into log (line, line) values ('a', 'b');

create rule r as on insert to shelf do also insert into log (line) values ('a', 'b');

create rule r as on insert to shelf do also insert into log (line, n) values ('a');

create rule r as on insert to log do also insert into shelf (id, slot) values (new.n, new.line) on conflict (id) do update set slot = excluded.slot;

create rule r as on insert to log do also insert into shelf (id, slot) values (new.n, new.line) on conflict (id) do update set slot = new.line;

create rule r as on insert to log do also insert into shelf (id, slot) values (new.n, new.line) on conflict do nothing;

create rule r as on insert to log do also insert into shelf as s (id, slot) values (new.n, new.line) on conflict on constraint shelf_tags do update set slot = note(s.slot) where s.mood = 'sad';

create rule r as on insert to log do also insert into shelf (home.street, home.zip, tags[1]) values (new.line, 'x', 'y');

create rule r as on insert to log do also update shelf set home.street = new.line, tags[2] = 'a', grid[1][2] = new.n, homes[1].zip = 'z';

create rule r as on insert to log do also update shelf set scores[1] = new.n, second.floor = new.n, facts['a'] = '1';

create rule r as on insert to log do also update shelf set mood = 'happy'::mood, home = row('a', 'b', new.n)::address;

create rule r as on update to customers do also insert into log (line) values (initials(new));

create rule r as on update to customers do also insert into log (line, who) values (note(new.name), lower(old.email)::name);

create rule r as on update to customers do also insert into log (line) select name from customers where customers.mood = new.mood order by name;

create rule r as on update to customers do also insert into log (line) select k.name from known_customers k join orders o on o.customer_id = k.id and o.id = new.id;

create rule r as on update to customers do also insert into log (n) values (nextval('counter'));

create rule r as on update to daily do also nothing;

create rule r as on update to counter do also nothing;

create rule "_RETURN" as on update to shelf do also nothing;

create rule r as on update to nothing do also nothing;

create rule r as on update to shelf do also insert into shelf (id) select id from shelf s where s.slot = 'a' limit new.id;

create rule r as on update to shelf do also insert into log (n) select sum(id) from shelf where slot = new.slot;

create rule r as on update to shelf do also insert into log (n) values (count(*));

create rule r as on update to shelf do also update log set n = count(*);

create rule r as on update to shelf do also update log set n = generate_series(1, 2);

create rule r as on update to shelf do also insert into log (n) values (generate_series(1, 2));

create rule r as on update to shelf do also insert into log (n) values (generate_series(1, 2)), (3);

create rule r as on update to shelf do also delete from log returning count(*);

create rule r as on update to shelf do also update log set ctid = '(0,1)';

create rule r as on update to shelf do also insert into log (ctid) values ('(0,1)');

create rule r as on update to shelf do also update log set log.n = 1;

create rule r as on update to shelf do also update log set nothing = 1;

create rule r as on update to shelf do also update log set n = 1, n = 2;

create rule r as on update to shelf do also update shelf set number = 1;

create rule r as on update to shelf do also update shelf set double = 1;

create rule r as on update to shelf do also insert into shelf (double) values (1);

create rule r as on update to shelf do also update log l set n = log.n;

create rule r as on update to shelf do also update log set n = 1 from log;

create rule r as on update to shelf do also update log set n = 1 from (select log.n) s;

create rule r as on update to shelf do also update log set n = 1 from lateral (select log.n) s;

create rule r as on update to shelf do also update log set (n, line) = (1, 'a', 2);

create rule r as on update to shelf do also update log set (n, line) = (select 1);

create rule r as on update to shelf do also update log set (n) = (1);

create rule r as on update to shelf do also update log set n = new.tags;

create rule r as on update to shelf do also update shelf set home = 'a', tags = '{a,b}', mood = 'odd';

create rule r as on update to shelf do also update shelf set tags[1] = default;

create rule r as on update to shelf do also update shelf set home.street = default;

create rule r as on update to shelf do also update shelf set slot.street = 'a';

create rule r as on update to shelf do also update shelf set home.streat = 'a';

create rule r as on update to shelf do also update shelf set home.floor = 'a'::text;

create rule r as on update to shelf do also update shelf set tags['a'] = 'a';

create rule r as on update to shelf do also update shelf set tags[1] = array[1];

create rule r as on update to shelf do also update shelf set slot[1] = 'a';

create rule r as on update to shelf do also update shelf set tags[1:2] = '{a,b}';

create rule r as on update to shelf do also update shelf set tags[1:2] = 'a'::text;

create rule r as on update to shelf do also update shelf set home.floor = 3, home.zip = 'a';

create rule r as on update to shelf do also select * from log for update of old;

create rule r as on update to shelf do also select * from log l join customers c on true for update of l;
