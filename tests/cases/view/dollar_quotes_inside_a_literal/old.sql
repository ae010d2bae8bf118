CREATE VIEW w AS SELECT '$$ $viewkeeper$'::text AS x;
