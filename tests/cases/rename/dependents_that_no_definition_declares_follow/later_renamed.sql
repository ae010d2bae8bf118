CREATE VIEW large AS SELECT places.city, inhabitants AS people FROM places WHERE inhabitants > 1000;
