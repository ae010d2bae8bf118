-- viewkeeper: renamed from first_name
CREATE VIEW second_name AS SELECT id, name FROM users;
