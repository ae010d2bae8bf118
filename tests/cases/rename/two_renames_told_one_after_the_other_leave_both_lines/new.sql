-- viewkeeper: renamed from first_name
-- viewkeeper: renamed from second_name
CREATE VIEW third_name AS SELECT id, name FROM users;
