create schema app;
create type mood as enum ('sad', 'ok', 'happy');
create type address as (street text, city text);
create domain email as text check (value like '%@%');
create table users (
    id bigint primary key,
    name text not null,
    email email,
    mood mood,
    born date,
    settings jsonb,
    home address,
    german text collate "C",
    posix text collate "POSIX"
);
create table posts (
    id bigint primary key,
    user_id bigint not null references users,
    title varchar(80),
    score numeric(6, 2),
    tags text[],
    written_at timestamptz
);
create table app.orders (id int primary key, total money, "Weight" real, at point);
create table "Invoices" (id int, "Total" numeric);
create function slug(words text) returns text language sql as $$ select lower(words) $$;
create function paid_on(at date) returns boolean language sql as $$ select true $$;
create function paid_on(at timestamptz) returns boolean language sql as $$ select true $$;
create procedure tidy() language sql as $$ select 1 $$;
