-- A partition's own foreign key becomes the copy of its table's where both do the same, and only once.
create table keys (a int, b int, primary key (a, b));
create table parted (a int, b int, foreign key (a, b) references keys on update cascade on delete cascade)
    partition by range (b, a);
create table parted_1 partition of parted for values from (1, 1) to (100, 100);
create table parted_2 (a int, b int, foreign key (a, b) references keys on update set null);
alter table parted attach partition parted_2 for values from (100, 100) to (1000, 1000);
create table parted_3 (a int, b int, foreign key (a, b) references keys on update cascade on delete cascade);
alter table parted attach partition parted_3 for values from (1000, 1000) to (2000, 2000);
create table parted_4 (a int, b int, foreign key (a, b) references keys deferrable) partition by list (a);
create table parted_4_1 partition of parted_4 for values in (3001);
alter table parted attach partition parted_4 for values from (3000, 3000) to (4000, 4000);
create table parted_5 (a int, b int,
    foreign key (a, b) references keys on update cascade on delete cascade,
    foreign key (a, b) references keys on update cascade on delete cascade);
alter table parted attach partition parted_5 for values from (5000, 5000) to (6000, 6000);
alter table parted add foreign key (b, a) references keys;
alter table parted detach partition parted_3;
