CREATE STATISTICS ON city, street FROM users;
