-- ComputePartitionAttrs
CREATE TABLE p (a int, b text) PARTITION BY LIST (a, b);
CREATE TABLE p (a int, b text) PARTITION BY RANGE ((1));
CREATE TABLE p (a int, b text) PARTITION BY RANGE ((random()));
CREATE TABLE p (a int, b timestamptz) PARTITION BY RANGE ((b::date));
CREATE TABLE p (a int, b text) PARTITION BY RANGE ((generate_series(1, a)));
CREATE TABLE p (a int, b point) PARTITION BY LIST (b);
CREATE TABLE p (a int, b json) PARTITION BY HASH (b);
CREATE TABLE p (a int, b text) PARTITION BY RANGE (a COLLATE "C");
CREATE TABLE p (a int, b text) PARTITION BY RANGE (b COLLATE nothing);
CREATE TABLE p (a int, b text) PARTITION BY RANGE (b COLLATE "C", (a + 1));
