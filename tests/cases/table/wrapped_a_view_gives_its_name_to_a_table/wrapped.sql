CREATE TABLE names (name text, uses bigint);
INSERT INTO names SELECT name, count(*) FROM users GROUP BY name;
