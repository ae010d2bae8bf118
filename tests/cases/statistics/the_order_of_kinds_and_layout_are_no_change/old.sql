CREATE STATISTICS places (dependencies, ndistinct) ON city, street FROM users;
