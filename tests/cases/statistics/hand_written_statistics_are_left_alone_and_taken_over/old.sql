CREATE STATISTICS third ON city, street FROM users;
