-- viewkeeper: renamed from names
CREATE VIEW app.people AS SELECT name FROM users;
