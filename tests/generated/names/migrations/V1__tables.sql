-- Names that are Rust keywords, clash, or are no identifiers.
CREATE TYPE "Mood Swing" AS ENUM ('self', 'Self', 'in progress', '1st', '', '🎉', 'Ok', 'None');
CREATE TYPE "type" AS ("crate" text, "a b" integer, "A B" numeric(6, 2)[]);
CREATE DOMAIN "option" AS text CHECK (value <> '');

CREATE TABLE "self" (
    "type" integer NOT NULL,
    "Type" integer,
    "self" text,
    "crate" "option",
    "async" "type",
    "userId" bigint,
    "user_id" bigint NOT NULL,
    "30 days" "Mood Swing" NOT NULL,
    "größe" real,
    "日本語" boolean,
    "имя" text,
    "🎉" text,
    "say ""hi""" text,
    "_" integer,
    "gen" "Mood Swing"[]
);
CREATE TABLE "string" ("vec" bytea, "box" box);
CREATE TABLE "none" ();
CREATE TABLE "результат" ("а" integer);

CREATE SCHEMA "i64";
CREATE TABLE "i64"."self" ("mood" "Mood Swing", "row" "string");
CREATE SCHEMA "Self Service";
CREATE TABLE "Self Service"."result" (id integer PRIMARY KEY);

COMMENT ON TABLE "self" IS E'- a list\n- of [links](x) and <html>, `code [here]`\n\n    fn indented() {}\n```\n# heading https://example.org';
COMMENT ON COLUMN "self"."_" IS E'1. first\u202e\ttab';
