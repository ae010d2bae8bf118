CREATE TABLE bills (id bigint PRIMARY KEY, number bigint, other integer);
