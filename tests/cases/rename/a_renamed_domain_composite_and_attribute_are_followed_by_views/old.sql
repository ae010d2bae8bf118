CREATE DOMAIN mail AS text CHECK (VALUE LIKE '%@%');
CREATE TYPE place AS (street text, town text);
CREATE VIEW mails AS SELECT id, text::mail AS mail FROM numbers;
CREATE MATERIALIZED VIEW places AS SELECT id, row(text, text)::place AS place FROM numbers;
