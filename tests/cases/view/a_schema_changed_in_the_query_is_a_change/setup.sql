CREATE SCHEMA one; CREATE SCHEMA two; CREATE TABLE one.t (x int); CREATE TABLE two.t (x int);
