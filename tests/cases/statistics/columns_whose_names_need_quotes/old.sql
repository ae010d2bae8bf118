CREATE STATISTICS plain ON id, "Total" FROM users;
