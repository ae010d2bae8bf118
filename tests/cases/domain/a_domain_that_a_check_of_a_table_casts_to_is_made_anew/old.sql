CREATE DOMAIN short AS varchar(10);
