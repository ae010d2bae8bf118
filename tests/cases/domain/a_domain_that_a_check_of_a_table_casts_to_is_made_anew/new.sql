CREATE DOMAIN short AS varchar(20);
