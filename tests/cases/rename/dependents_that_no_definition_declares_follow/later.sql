CREATE VIEW large AS SELECT cities.city, people FROM cities WHERE people > 1000;
