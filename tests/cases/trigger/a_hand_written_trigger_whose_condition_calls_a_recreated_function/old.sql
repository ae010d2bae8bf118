CREATE FUNCTION wanted(id integer) RETURNS boolean LANGUAGE sql AS 'SELECT id > 0';
