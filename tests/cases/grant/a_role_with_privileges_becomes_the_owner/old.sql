CREATE VIEW names AS SELECT id, name FROM users;
GRANT SELECT, UPDATE (name) ON names TO vk_reader WITH GRANT OPTION;
