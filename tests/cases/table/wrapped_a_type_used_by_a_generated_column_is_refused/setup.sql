CREATE TABLE users (id integer, twice integer GENERATED ALWAYS AS (id * 2) STORED);
