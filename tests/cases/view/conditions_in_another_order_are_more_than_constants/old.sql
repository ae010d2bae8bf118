CREATE VIEW names AS SELECT id, name FROM users WHERE id > 1 AND length(name) > 2;
