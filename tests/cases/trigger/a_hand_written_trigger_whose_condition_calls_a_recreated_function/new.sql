CREATE FUNCTION wanted(number integer) RETURNS boolean LANGUAGE sql AS 'SELECT number > 0';
