GRANT SELECT ("a b") ON "Größe; --" TO vk_reader;
CREATE INDEX "by hand" ON "Größe; --" ("it's");
