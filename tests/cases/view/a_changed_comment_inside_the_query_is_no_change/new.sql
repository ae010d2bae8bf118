-- new words
CREATE VIEW w AS
SELECT id, -- key
  name
FROM users;
