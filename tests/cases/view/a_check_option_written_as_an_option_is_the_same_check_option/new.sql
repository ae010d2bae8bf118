CREATE VIEW w WITH (check_option = local) AS SELECT id, name FROM users WHERE id > 1;
