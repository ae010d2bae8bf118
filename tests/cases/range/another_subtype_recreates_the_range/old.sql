CREATE TYPE span AS RANGE (subtype = integer, multirange_type_name = spans);
CREATE VIEW shown AS SELECT span(1, 2) AS span, '{[1,2)}'::spans AS spans;
