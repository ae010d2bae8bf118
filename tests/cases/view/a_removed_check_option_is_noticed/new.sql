CREATE VIEW recent AS
SELECT id, title FROM posts WHERE id > 10;
