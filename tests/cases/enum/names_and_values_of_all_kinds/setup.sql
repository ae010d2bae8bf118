CREATE SCHEMA "my schema";
