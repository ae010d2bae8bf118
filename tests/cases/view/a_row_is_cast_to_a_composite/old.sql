CREATE VIEW w AS SELECT ROW(1.5, 'EUR')::money_amount AS price;
