CREATE SCHEMA "odd.One";
CREATE TABLE "odd.One"."Ta""ble TO ON" (id integer, "ON" text);
CREATE FUNCTION "odd.One"."no$te"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
