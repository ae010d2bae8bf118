CREATE VIEW everybody AS SELECT * FROM users;
CREATE VIEW named AS SELECT e.*, length(e.name) AS length FROM everybody e;
CREATE MATERIALIZED VIEW counted AS SELECT name, count(*) FROM (SELECT * FROM named) n GROUP BY name;
CREATE INDEX ON counted (name);
