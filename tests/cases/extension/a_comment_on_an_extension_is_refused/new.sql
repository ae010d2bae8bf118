CREATE EXTENSION citext;
COMMENT ON EXTENSION citext IS 'Text without case.';
