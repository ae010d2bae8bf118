CREATE VIEW names AS SELECT name, count(*) AS uses FROM users GROUP BY name;

CREATE VIEW often AS SELECT name FROM names WHERE uses > 1;
