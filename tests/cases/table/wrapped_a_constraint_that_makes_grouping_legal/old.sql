CREATE VIEW numbers AS SELECT id, name, count(*) AS number FROM users GROUP BY id;
