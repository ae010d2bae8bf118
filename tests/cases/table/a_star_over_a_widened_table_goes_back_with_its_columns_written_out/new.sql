-- Everybody.
CREATE VIEW everybody AS
SELECT * -- all of it
FROM users
WHERE id > 0;
GRANT SELECT ON everybody TO PUBLIC;
