-- viewkeeper: loses data: every post
-- Written by hand, like its migration. `cargo xtask rollback` refuses it without `--allow-data-loss`.
DROP TABLE posts;
