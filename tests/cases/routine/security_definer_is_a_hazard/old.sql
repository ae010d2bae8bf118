CREATE FUNCTION secret_count() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM secrets';
