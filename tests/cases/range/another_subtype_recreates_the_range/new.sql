CREATE TYPE span AS RANGE (subtype = bigint, multirange_type_name = spans);
CREATE VIEW shown AS SELECT span(1, 2) AS span, '{[1,2)}'::spans AS spans;
