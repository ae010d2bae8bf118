CREATE MATERIALIZED VIEW towns AS SELECT city AS town, street, id FROM users;
CREATE STATISTICS kept ON town, street FROM towns;
COMMENT ON STATISTICS kept IS 'kept';
CREATE STATISTICS coming ON town, street, id FROM towns;
