CREATE SCHEMA app;
CREATE STATISTICS app.places ON city, street FROM users;
