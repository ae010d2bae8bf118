CREATE DOMAIN name_text AS text COLLATE "POSIX";
CREATE VIEW names AS SELECT 'a'::name_text AS name;
