-- One object of every kind that is read.
CREATE SCHEMA sales;
GRANT USAGE ON SCHEMA sales TO viewkeeper_reader;
CREATE TYPE sales.state AS ENUM ('open', 'paid');
CREATE DOMAIN sales.email AS text CHECK (value LIKE '%@%');
CREATE TYPE sales.span AS RANGE (subtype = numeric);
CREATE TYPE sales.pair AS (a int, b text);
CREATE COLLATION sales.plain FROM "C";
CREATE SEQUENCE sales.ticket;
CREATE FUNCTION sales.half(value numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT value / 2';
CREATE FUNCTION sales.guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE FUNCTION sales.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE PROCEDURE sales.nothing() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE sales.total_of(numeric) (sfunc = numeric_add, stype = numeric, initcond = '0');
CREATE OPERATOR sales.=== (leftarg = numeric, rightarg = numeric, function = numeric_eq);
CREATE FUNCTION sales.from_pair(sales.pair) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT ($1).a';
CREATE CAST (sales.pair AS int) WITH FUNCTION sales.from_pair(sales.pair);
CREATE TABLE sales.customer (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE "C" NOT NULL, mail sales.email);
ALTER TABLE sales.customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sales.customer FOR SELECT TO viewkeeper_reader USING (name = current_user);
CREATE RULE quiet AS ON DELETE TO sales.customer DO INSTEAD NOTHING;
CREATE TABLE sales.sale (
    id int PRIMARY KEY DEFAULT nextval('sales.ticket'),
    customer int REFERENCES sales.customer,
    state sales.state,
    amount numeric(10, 2),
    day date,
    twice numeric GENERATED ALWAYS AS (amount * 2) STORED
);
ALTER TABLE sales.sale ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID;
CREATE INDEX sale_half ON sales.sale (sales.half(amount)) WHERE state = 'open';
CREATE STATISTICS sales.sale_both (dependencies) ON customer, state FROM sales.sale;
CREATE TRIGGER guard BEFORE INSERT ON sales.sale FOR EACH ROW EXECUTE FUNCTION sales.guard();
CREATE VIEW sales.total WITH (security_barrier) AS SELECT sum(amount) AS amount FROM sales.sale;
COMMENT ON COLUMN sales.total.amount IS 'all of it';
GRANT SELECT ON sales.total TO viewkeeper_reader WITH GRANT OPTION;
CREATE MATERIALIZED VIEW sales.daily AS SELECT day, count(*) AS n FROM sales.sale GROUP BY day;
CREATE UNIQUE INDEX daily_day ON sales.daily (day);
ALTER MATERIALIZED VIEW sales.daily CLUSTER ON daily_day;
CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION sales.watch();
CREATE PUBLICATION sales FOR TABLE sales.sale;
