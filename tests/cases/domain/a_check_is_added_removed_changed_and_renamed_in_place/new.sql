CREATE DOMAIN price AS numeric(10, 2)
    CONSTRAINT above_zero CHECK (VALUE > 0)
    CONSTRAINT not_too_much CHECK (VALUE < 2000)
    CONSTRAINT odd CHECK (VALUE <> 13)
    CHECK (VALUE <> 15);
COMMENT ON CONSTRAINT above_zero ON DOMAIN price IS 'nothing is free';
