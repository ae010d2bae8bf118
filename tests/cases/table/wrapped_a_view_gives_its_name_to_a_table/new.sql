CREATE VIEW often AS SELECT name FROM names WHERE uses > 1;
