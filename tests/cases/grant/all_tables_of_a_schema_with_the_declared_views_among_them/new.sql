CREATE VIEW names AS SELECT name FROM users;
CREATE VIEW app.all_things AS SELECT id FROM app.things;
GRANT SELECT ON ALL TABLES IN SCHEMA public, app TO vk_reader;
