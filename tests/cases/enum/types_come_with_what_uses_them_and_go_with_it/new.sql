CREATE VIEW feelings AS SELECT NULL::text AS mood;
