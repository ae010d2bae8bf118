CREATE STATISTICS mine ON city, name FROM users;
