CREATE SCHEMA "S x";
CREATE TABLE "S x"."T""o" ("USING" text);
