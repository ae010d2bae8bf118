CREATE STATISTICS places (ndistinct) ON city, name FROM users;
ALTER STATISTICS places SET STATISTICS 10;
