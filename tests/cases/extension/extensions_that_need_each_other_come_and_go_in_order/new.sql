CREATE EXTENSION earthdistance;
CREATE EXTENSION cube;
CREATE VIEW far AS SELECT earth() AS radius;
