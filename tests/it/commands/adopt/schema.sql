-- One object of every kind that a database to adopt may hold, and views that depend on each other in every way.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO adopt_reader;
CREATE SCHEMA "Sales.Old";
GRANT USAGE ON SCHEMA "Sales.Old" TO adopt_reader;
COMMENT ON SCHEMA public IS 'what everybody uses';
CREATE TYPE status AS ENUM ('open', 'it''s paid');
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE TYPE pair AS (a integer, b text);
CREATE TYPE span AS RANGE (subtype = numeric);
CREATE SEQUENCE ticket START 7 INCREMENT 3;
CREATE FUNCTION twice(n numeric DEFAULT 1) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT n * 2; $$;
COMMENT ON FUNCTION twice(numeric) IS 'two times';
REVOKE ALL ON FUNCTION twice(numeric) FROM PUBLIC;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
CREATE AGGREGATE total(numeric) (sfunc = numeric_add, stype = numeric, initcond = '0');
CREATE TABLE customer (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    mail email,
    born date DEFAULT '2000-01-02',
    waits interval DEFAULT '3 days 04:00',
    since timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE customer IS 'who buys';
CREATE TABLE sale (
    id integer PRIMARY KEY DEFAULT nextval('ticket'),
    customer integer NOT NULL REFERENCES customer ON DELETE CASCADE,
    state status DEFAULT 'open',
    amount numeric(10, 2) CHECK (amount > 0),
    twice numeric GENERATED ALWAYS AS (amount * 2) STORED,
    tags text[],
    detail jsonb
);
ALTER SEQUENCE ticket OWNED BY sale.id;
CREATE INDEX sale_open ON sale (customer) WHERE state = 'open';
CREATE STATISTICS sale_both (dependencies) ON customer, state FROM sale;
CREATE TABLE log (at date NOT NULL, line text) PARTITION BY RANGE (at);
CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE special_sale (reason text) INHERITS (sale);
CREATE TRIGGER touch BEFORE UPDATE ON sale FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON customer FOR SELECT TO adopt_reader USING (name = current_user);

CREATE VIEW customers AS SELECT * FROM customer WHERE born > '1990-05-06' AND waits < interval '2 years 3 days';
COMMENT ON VIEW customers IS E'grown up; who isn''t: see\nthe table';
COMMENT ON COLUMN customers.name IS 'as they want to be called';
GRANT SELECT ON customers TO adopt_reader WITH GRANT OPTION;
GRANT UPDATE (name) ON customers TO adopt_reader;
CREATE VIEW open_sales WITH (security_barrier) AS
    SELECT id, customer, amount FROM sale WHERE state = 'open' WITH LOCAL CHECK OPTION;
ALTER VIEW open_sales ALTER amount SET DEFAULT 1;
CREATE VIEW "Sales.Old"."Weird Name" AS SELECT s.id AS "Id", c.name FROM sale s JOIN customers c ON c.id = s.customer;
CREATE VIEW per_customer AS SELECT c.id, c.name, count(*) AS sales, total(s.amount) AS amount
    FROM customer c LEFT JOIN open_sales s ON s.customer = c.id GROUP BY c.id;
CREATE VIEW joined AS SELECT id, name, amount FROM per_customer JOIN customers USING (id, name);
CREATE VIEW tree AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n;
CREATE VIEW constants AS VALUES (1, 'a'), (2, 'b');
CREATE VIEW windows AS SELECT id, rank() OVER (PARTITION BY customer ORDER BY amount DESC) AS place,
    sum(amount) FILTER (WHERE state = 'open') OVER w AS open, tags[1] AS tag, detail ->> 'x' AS x
    FROM sale WINDOW w AS (ORDER BY id);
CREATE FUNCTION add_sale() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
CREATE TRIGGER add INSTEAD OF INSERT ON joined FOR EACH ROW EXECUTE FUNCTION add_sale();
CREATE RULE no_delete AS ON DELETE TO windows DO INSTEAD NOTHING;
CREATE FUNCTION sales_of(customer_name text) RETURNS SETOF per_customer LANGUAGE sql STABLE
    BEGIN ATOMIC SELECT * FROM per_customer WHERE name = customer_name; END;
CREATE VIEW "Of function" AS SELECT f.name, f.sales FROM sales_of('x') AS f;
REVOKE ALL ON constants FROM CURRENT_USER;
GRANT SELECT ON constants TO CURRENT_USER;
REVOKE SELECT ON tree FROM adopt_reader;
CREATE VIEW theirs AS SELECT id FROM sale;
ALTER VIEW theirs OWNER TO adopt_owner;

CREATE MATERIALIZED VIEW monthly WITH (fillfactor = 70) AS
    SELECT date_trunc('month', since) AS month, count(*) AS n FROM customer GROUP BY 1;
CREATE UNIQUE INDEX monthly_month ON monthly (month);
COMMENT ON INDEX monthly_month IS 'for REFRESH CONCURRENTLY';
COMMENT ON MATERIALIZED VIEW monthly IS 'new customers';
ALTER MATERIALIZED VIEW monthly CLUSTER ON monthly_month;
ALTER MATERIALIZED VIEW monthly ALTER n SET STATISTICS 7;
CREATE MATERIALIZED VIEW yearly AS SELECT date_trunc('year', month) AS year, sum(n) AS n FROM monthly GROUP BY 1;
CREATE MATERIALIZED VIEW never AS SELECT id FROM sale WITH NO DATA;

CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION watch();
CREATE PUBLICATION sales FOR TABLE sale;
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere;
CREATE USER MAPPING FOR adopt_reader SERVER elsewhere OPTIONS (password 'hush-hush');
