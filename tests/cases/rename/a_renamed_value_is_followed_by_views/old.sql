CREATE TYPE state AS ENUM ('open', 'finished');
CREATE VIEW states AS SELECT id, CASE WHEN id > 9 THEN 'finished'::state ELSE 'open'::state END AS state FROM numbers;
CREATE MATERIALIZED VIEW done AS SELECT id FROM states WHERE state = 'finished';
