-- What the views of the corpus read.
create type mood as enum ('sad', 'ok', 'happy');
create type address as (street varchar(40), zip char(5), floor int);
create domain positive as int check (value > 0);
create domain code as varchar(8) collate "C" not null;
create type floatrange as range (subtype = float8, subtype_diff = float8mi);
create collation bytewise from "C";

create table customers (
    id int primary key,
    name text not null,
    nick varchar(20),
    email text collate "C" not null,
    country char(2),
    born date,
    mood mood,
    home address,
    tags text[] not null default '{}',
    profile jsonb,
    created_at timestamptz not null default now()
);

create table products (
    id bigint generated always as identity primary key,
    sku code,
    title varchar(60) not null,
    price numeric(8,2) not null,
    weight real,
    size double precision,
    stock positive,
    active boolean not null default true,
    attributes json,
    available daterange,
    notes text
);

create table orders (
    id bigserial primary key,
    customer_id int not null references customers,
    placed_on date not null,
    placed_at timestamp(3) not null,
    shipped_at timestamptz,
    status mood not null default 'ok',
    discount numeric(4,2),
    token uuid,
    wait interval day to second(2),
    at_time time(0)
);

create table order_lines (
    order_id bigint not null references orders,
    line_no smallint not null,
    product_id bigint references products,
    quantity int not null,
    amount numeric(10,2),
    primary key (order_id, line_no)
);

create table employees (
    id int primary key,
    boss_id int references employees,
    name name not null,
    salary money,
    bits bit(3),
    mask varbit(8),
    skills int[],
    matrix numeric(4,1)[],
    ip inet,
    spot point,
    raw bytea,
    doc tsvector,
    page xml
);

create table events (
    at timestamptz not null,
    kind text not null,
    payload jsonb not null,
    span tstzrange
) partition by range (at);
create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01');
create table events_rest partition of events default;

create table base (a int not null, b text);
create table derived (c numeric(5,1)) inherits (base);

create table odd ("Group" int, "select" text, "a b" numeric(3,1), "größe" int, dropped int);
alter table odd drop column dropped;
alter table odd add column later date;

create function add_vat(amount numeric, rate numeric default 0.2) returns numeric language sql immutable as 'select amount * (1 + rate)';
create function order_totals(customer int) returns table (order_id bigint, total numeric) language sql stable as
    'select 1::bigint, 1::numeric where customer is not null';
create function split_name(full_name text, out first_name text, out last_name text) language sql immutable as
    'select full_name, full_name';
create function customers_in(country text) returns setof customers language sql stable as
    'select * from customers c where c.country = customers_in.country';
create function anything() returns setof record language sql stable as 'select 1, 2';
create function first_of(anyarray) returns anyelement language sql immutable as 'select $1[1]';
create function joined(variadic parts text[]) returns text language sql immutable as 'select array_to_string(parts, '','')';
create function initials(c customers) returns text language sql stable as 'select left(c.name, 1)';
create aggregate total (numeric) (sfunc = numeric_add, stype = numeric, initcond = '0');
create function near(float8, float8) returns boolean language sql immutable as 'select abs($1 - $2) < 1';
create operator ~~~ (leftarg = float8, rightarg = float8, function = near);

create view known_customers as select id, name, nick from customers where name <> '';
create materialized view daily as select placed_on, count(*) as orders, sum(discount) as discount from orders group by placed_on;
