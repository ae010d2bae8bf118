CREATE VIEW names AS SELECT name FROM users;
COMMENT ON VIEW names IS 'only this changes';
