CREATE TYPE span AS RANGE (
    subtype = integer, -- days
    subtype_opclass = int4_ops
);
CREATE VIEW shown AS SELECT span(1, 2) AS span;
