CREATE TABLE pages (slug slug);
