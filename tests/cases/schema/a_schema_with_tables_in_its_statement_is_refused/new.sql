CREATE SCHEMA app CREATE TABLE things (id integer);
