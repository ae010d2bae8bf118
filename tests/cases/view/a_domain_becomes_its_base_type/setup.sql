CREATE TABLE users (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    email varchar(100),
    created_at timestamptz NOT NULL
);
CREATE TABLE posts (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id),
    title text NOT NULL,
    rating numeric(6, 2),
    created_at timestamptz NOT NULL
);
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN email_address AS text CHECK (VALUE LIKE '%@%');
CREATE TYPE money_amount AS (amount numeric(12, 2), currency text);
CREATE FUNCTION initials(full_name text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT left(full_name, 1)';
CREATE TABLE people (
    id integer PRIMARY KEY,
    name text NOT NULL,
    feeling mood NOT NULL,
    address email_address,
    balance money_amount
);
CREATE TABLE events (
    id bigint NOT NULL,
    happened_at date NOT NULL,
    kind text NOT NULL,
    payload jsonb
) PARTITION BY RANGE (happened_at);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
