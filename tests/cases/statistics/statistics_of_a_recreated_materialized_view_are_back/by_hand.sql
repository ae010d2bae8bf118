CREATE STATISTICS unknown ON town, street FROM towns;
