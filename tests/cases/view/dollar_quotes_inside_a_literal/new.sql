CREATE VIEW w AS SELECT $q$it's $$ $viewkeeper$ $facts$$q$::text AS x;
