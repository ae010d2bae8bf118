CREATE VIEW r AS SELECT id, rating::numeric(6, 2) AS rating FROM posts;
