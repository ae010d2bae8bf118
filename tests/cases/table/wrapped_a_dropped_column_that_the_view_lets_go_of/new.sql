CREATE VIEW writers AS SELECT id, email FROM users; GRANT SELECT ON writers TO PUBLIC;
