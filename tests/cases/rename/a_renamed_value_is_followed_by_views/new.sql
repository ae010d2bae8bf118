-- viewkeeper: 'done' renamed from 'finished'
CREATE TYPE state AS ENUM ('open', 'done');
CREATE VIEW states AS SELECT id, CASE WHEN id > 9 THEN 'done'::state ELSE 'open'::state END AS state FROM numbers;
CREATE MATERIALIZED VIEW done AS SELECT id FROM states WHERE state = 'done';
