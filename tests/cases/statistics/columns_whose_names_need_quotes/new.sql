CREATE STATISTICS plain ON id, "x y" FROM users;
CREATE STATISTICS more (mcv) ON "Total", "order" FROM users;
