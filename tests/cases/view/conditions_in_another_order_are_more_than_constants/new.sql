CREATE VIEW names AS SELECT id, name FROM users WHERE length(name) > 2 AND id > 1;
