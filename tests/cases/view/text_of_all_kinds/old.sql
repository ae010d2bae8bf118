CREATE VIEW t AS
SELECT '$$' AS a, ' :name' AS b, '{} %' AS c, E'back\\slash' AS d, $x$dollar ' quoted$x$ AS e -- the end
;
