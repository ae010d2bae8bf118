CREATE DOMAIN price AS numeric(10, 2)
    CONSTRAINT positive CHECK (VALUE > 0)
    CONSTRAINT not_too_much CHECK (VALUE < 1000)
    CONSTRAINT odd CHECK (VALUE <> 13)
    CONSTRAINT gone CHECK (VALUE <> 14);
COMMENT ON CONSTRAINT positive ON DOMAIN price IS 'nothing is free';
COMMENT ON CONSTRAINT gone ON DOMAIN price IS 'soon';
