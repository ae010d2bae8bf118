CREATE SEQUENCE "It's ""so""" START 3;
COMMENT ON SEQUENCE "It's ""so""" IS 'it''s so';
CREATE SEQUENCE "select" OWNED BY bills.number;
CREATE VIEW "ÄÖ" AS SELECT last_value FROM "It's ""so""";
