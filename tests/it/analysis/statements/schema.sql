-- What the statements that change rows are about, beside the tables of everyday SQL.
create domain boxed as address check ((value).floor is null or (value).floor < 100);
create domain ratings as int[];
create table log (at timestamptz not null default now(), line text, who name, amount numeric(8,2), n int);
create table shelf (
    id int primary key,
    slot text,
    home address,
    second boxed,
    tags text[],
    grid int[][],
    scores ratings,
    homes address[],
    facts jsonb,
    mood mood,
    number int generated always as identity,
    double int generated always as (id * 2) stored,
    unique (slot),
    constraint shelf_tags unique (id, slot)
);
create unique index shelf_lower on shelf (lower(slot)) where mood = 'ok';
create view shelves as select id, slot, mood from shelf;
create view joined_up as select s.id, l.line from shelf s join log l on l.n = s.id;
create function note(line text) returns text language sql as $$ select line $$;
create sequence counter;
create procedure tidy() language sql as $$ select 1 $$;
create view counted as select mood, count(*) as n from shelf group by mood;
