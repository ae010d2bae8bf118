-- viewkeeper: renamed from mail
CREATE DOMAIN address AS text CHECK (VALUE LIKE '%@%');
-- viewkeeper: renamed from place
-- viewkeeper: city renamed from town
CREATE TYPE location AS (street text, city text);
CREATE VIEW mails AS SELECT id, text::address AS mail FROM numbers;
CREATE MATERIALIZED VIEW places AS SELECT id, row(text, text)::location AS place FROM numbers;
