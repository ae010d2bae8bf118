CREATE VIEW owned AS SELECT d.id, (d.who).* FROM deeds AS d;
CREATE VIEW called AS SELECT (of_nobody()).*;
