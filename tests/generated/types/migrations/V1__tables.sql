-- A column of every kind of type.
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN email AS varchar(100) CHECK (value LIKE '%@%');
CREATE DOMAIN tags AS text[];
CREATE TYPE address AS (street text, contact email, moods mood[]);
CREATE TYPE float_range AS RANGE (subtype = float8);

CREATE TABLE everything (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    flag boolean NOT NULL,
    small smallint, price numeric(10, 2), ratio double precision,
    word varchar(10), fixed char(3), label "char", raw bytea,
    at timestamptz(3), local timestamp, day date, noon time, noon_there timetz, span interval,
    document jsonb, plain json, markup xml, token uuid,
    network inet, block cidr, device macaddr,
    bits bit(3), more_bits varbit, cash money,
    spot point, way path, search tsvector, question tsquery, place pg_lsn, relation regclass,
    feeling mood, feelings mood[], mail email, words tags, home address, homes address[],
    days daterange, numbers int4multirange, floats float_range, matrix integer[][]
);

INSERT INTO everything (flag) VALUES (true);
INSERT INTO everything (
    flag, small, price, at, day, span, document, feeling, feelings, mail, words, home, homes, days, numbers, floats, matrix
) VALUES (
    false, -32768, 'NaN', 'infinity', '-infinity', '1 mon -1 day', '[1e400]', 'happy', '{sad,NULL}', 'a@b', '{a,b}',
    ROW('Main', 'c@d', '{ok}'), ARRAY[ROW(NULL, 'e@f', NULL)::address], '[2000-01-01,infinity)', '{[1,2),[5,8)}', '(,1.5]', '{{1,2},{3,4}}'
);
