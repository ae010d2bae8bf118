CREATE VIEW r AS SELECT id, rating::numeric(8, 2) AS rating FROM posts;
