-- Rows with the nulls that the schema allows.
insert into customers (id, name, nick, email, country, born, mood, home, tags, profile) values
    (1, 'Ada Lovelace', 'ada', 'ada@example.org', 'GB', '1815-12-10', 'happy', row('Main', '12345', 2), '{a,b}', '{"n": 1, "list": [1, 2], "o": {"k": "v"}}'),
    (2, 'Bob', null, 'bob@example.org', null, null, null, null, '{}', null),
    (3, 'Cy', 'cy', 'cy@example.org', 'DE', '2000-02-29', 'sad', row(null, null, null), '{x,null}', 'null'),
    (4, '', '', 'e@example.org', 'FR', 'infinity', 'ok', null, '{}', '[]');
insert into products (sku, title, price, weight, size, stock, active, attributes, available, notes) values
    ('A1', 'Lamp', 10.00, 1.5, 2.5, 3, true, '{"color": "red"}', '[2024-01-01,2024-02-01)', 'quick brown fox'),
    ('B2', 'Desk', 0.00, null, null, null, false, null, null, null),
    ('C3', 'Chair', 5.50, 'NaN', 'infinity', 1, true, '[]', 'empty', '');
insert into orders (customer_id, placed_on, placed_at, shipped_at, status, discount, token, wait, at_time) values
    (1, '2024-01-05', '2024-01-05 10:00', '2024-01-06 10:00+00', 'ok', 1.50, '00000000-0000-0000-0000-000000000001', '1 day', '10:00'),
    (1, '2024-02-05', '2024-02-05 10:00', null, 'happy', null, null, null, null),
    (3, 'infinity', 'infinity', 'infinity', 'sad', 0, null, null, '23:59:59');
insert into order_lines values (1, 1, 1, 2, 20.00), (1, 2, 2, 1, null), (2, 1, null, 3, 5.50);
insert into employees (id, boss_id, name, salary, bits, mask, skills, matrix, ip, spot, raw, doc) values
    (1, null, 'root', 100, B'101', B'1', '{1,2}', '{{1.5,2}}', '10.0.0.1/8', '(1,2)', '\x00ff', 'a b'),
    (2, 1, 'leaf', null, null, null, null, null, null, null, null, null),
    (3, 2, 'twig', 0, B'000', '', '{}', '{}', '::1', '(0,0)', '', '');
insert into events values ('2024-05-01', 'a', '{"v": 1}', '[2024-05-01,)'), ('2025-05-01', 'b', '{}', null);
insert into base values (1, null), (2, 'x');
insert into derived values (3, 'y', 1.5), (4, null, null);
insert into odd values (null, null, null, null, null), (1, 's', 2.5, 3, '2024-01-01');
refresh materialized view daily;
