CREATE MATERIALIZED VIEW towns AS SELECT city AS town, street FROM users;
CREATE STATISTICS kept ON town, street FROM towns;
COMMENT ON STATISTICS kept IS 'kept';
CREATE STATISTICS going ON town, street FROM towns;
