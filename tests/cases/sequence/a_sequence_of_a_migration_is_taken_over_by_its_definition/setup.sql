CREATE TABLE bills (id bigint PRIMARY KEY, number bigint, other integer);
CREATE SEQUENCE numbers INCREMENT BY 3;
ALTER SEQUENCE numbers CACHE 7;
ALTER TABLE bills ALTER COLUMN number SET DEFAULT nextval('numbers');
