CREATE VIEW w AS SELECT id, email, name FROM users;
CREATE VIEW x AS WITH q AS (SELECT id FROM w) SELECT id, EXISTS (SELECT 1 FROM w WHERE w.id = q.id) AS there FROM q;
