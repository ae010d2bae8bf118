CREATE VIEW writers AS SELECT u.id, u.name, n.text FROM users u JOIN notes n USING (id);
