CREATE TRIGGER "a ON b" BEFORE UPDATE OF "ON" ON "odd.One"."Ta""ble TO ON" FOR EACH ROW EXECUTE FUNCTION "odd.One"."no$te"('$$ \ {} :x %s');
COMMENT ON TRIGGER "a ON b" ON "odd.One"."Ta""ble TO ON" IS 'it''s';
