//! Constants: what the planner computes of them while it plans is known here, too.

use super::check;

#[test]
fn constants() {
    check("select nullif(1, 2), nullif(1, 1), nullif(1, null), nullif(2 + 3, 5), nullif('a', 'b')", "!?!??");
    check(
        "select case when 1 < 2 then 1 end, case when 1 = 2 then null else 1 end, case when null then null else 1 end",
        "!!!",
    );
    check("select case 1 when 1 then 1 end, case 1 when 2 then null else 1 end, case 2 when 1 then 1 end", "!!?");
    check("select case when 1 is null then null else 1 end, case when not (false = false) then null else 1 end", "!!");
    check("select case when 2147483647 + 1 > 0 then 1 end, case when 1 / 1 = 1 then 1 end", "??");
    check("select 1 = 2 and bio = 'a', 1 = 1 or bio = 'a', 1 = 1 and bio = 'a' from users", "!!?");
    check("select bio from users where bio is not null or 1 = 2", "!");
    check("select bio from users where bio is not null or null", "!");
    check("select bio from users where bio is not null or 1 = 1", "?");
    check("select bio from users where not (bio is null and 1 = 1)", "!");
    // A grouping set makes null of what is written as a constant.
    check("select nullif(1, 2), case when 1 = 1 then 1 end from users group by grouping sets ((1 = 1), ())", "??");
}

#[test]
fn what_is_compared_with_null_stays() {
    check("select nullif(id, null), nullif(bio, null) from users", "!?");
}

#[test]
fn arrays() {
    check("select (array[1, 2])[2], (array[1, 2])[3], ('{7,8}'::int[])[1], ('{7,null}'::int[])[2]", "!?!?");
    check(
        "select ('[0:1]={7,8}'::int[])[1], ('{{7},{8}}'::int[])[1], (array[1, 2])[1:2], (array[id])[1] from users",
        "??!!",
    );
    check("select array_length(array[1], 1), array_length('{}'::int[], 1), array_length(array[1], 2)", "!??");
    check(
        "select array_position(array[1, 2], 2), array_position(array[1, 2], 3), array_position(array[1, null], 1)",
        "!?!",
    );
    check(
        "select case when array[1, 2] < array[1, 3] then 1 end, case when '{1}'::int[] = array[2] then null else 1 end",
        "!!",
    );
    check("select bio from users where not (bio = any ('{a,null}'))", "!");
    check("select bio from users where not (bio = any ('{}'))", "?");
    check("select case when bio = any ('{}'::text[]) then null else 1 end from users", "!");
}

#[test]
fn slices() {
    check(
        "select (array[1, 2])[1:0], (array[1, 2])[2:], (array[1, 2])[:null], (string_to_array(name, '-'))[1:2] from users",
        "!!?!",
    );
    check(
        "select (string_to_array(bio, '-'))[1:2], (array[1, 2])[id:], (string_to_array('a-b', '-'))[2] from users",
        "?!!",
    );
}

#[test]
fn elements_that_are_written_down() {
    check("select (array[id, 2])[1], (array[bio, 'a'])[1], (array[bio, 'a'])[2], (array[id])[2] from users", "!?!?");
}

#[test]
fn distinct_constants() {
    check("select case when 1 is distinct from 2 then 1 end, case when null is distinct from 1 then 1 end", "!!");
    check(
        "select case when 1 is not distinct from 1 then 1 end, case when null::int is distinct from null then 1 end",
        "!?",
    );
}

#[test]
fn times_of_day() {
    check("select now()::time, (now() - interval '1 day')::time, (current_date + 1)::timestamp::time", "!!!");
    check("select timestamp 'infinity'::time, (now() + make_interval(days => 1))::time", "??");
}

#[test]
fn arms_that_give_no_row() {
    check("select null::int as x where false union all select id from users", "!");
    check("select id as x from users union select null where 1 = 2 or null", "!");
    check("select id as x from users union all select null from users limit 0", "?");
    check("select id as x from users union all (select null::int from users join users as other on false)", "!");
    check("select id as x from users union all (select null::int from users left join users as other on false)", "?");
    check("select id as x from users union all (select max(id) from users where false)", "?");
    check("select id as x from users union all (select max(id) from users where false group by name)", "!");
    check("select id as x from users union all select null from (select id from users where false) v, users", "!");
    check("select id as x from users union all (select max(id) from users having false)", "!");
}

#[test]
fn branches_that_are_always_taken() {
    check("select bio from users where case when 1 = 1 then bio = 'a' else false end", "!");
    check("select bio from users where case when 1 = id then bio = 'a' else false end", "?");
}

#[test]
fn documents() {
    let document = r#"'{"a": {"b": [1, null]}, "n": null}'::jsonb"#;
    check(&format!("select {document} -> 'a', {document} -> 'x', {document} -> 'n', {document} ->> 'n'"), "!?!?");
    check(&format!("select {document} #> '{{a,b,0}}', {document} #>> '{{a,b,1}}', {document} #> '{{a,b,-1}}'"), "!?!");
    check(&format!("select {document} #> '{{a,b,\" 0\"}}', {document} #> '{{n,0}}', {document} #>> '{{}}'"), "??!");
    check("select '[1, 2]'::jsonb -> 1, '[1, 2]'::jsonb -> -3, '5'::jsonb -> 0, '{\"a\": 1}'::jsonb ->> 0", "!???");
    check("select nullif('{\"a\": 1}'::jsonb ? 'a', false), nullif('[\"a\"]'::jsonb ? 'b', false)", "!?");
    check("select nullif('{\"a\": null}'::jsonb, '{}'), nullif('{\"a\": [1]}'::jsonb, '{\"a\": [2]}')", "!!");
    check("select nullif('{\"a\": [1, 2]}'::jsonb, '{\"a\": [1.0, 2]}')", "?");
    check("select nullif('[]'::jsonb, '{}'), nullif('[1]'::jsonb, '[1.0]'), nullif('1'::jsonb, '1')", "!??");
}

#[test]
fn moments() {
    check("select nullif(date '2024-02-29', '2024-03-01'), nullif(date '2024-02-29', '2024-02-29')", "!?");
    check("select case when timestamp '2024-02-29 12:00' < timestamp 'infinity' then 1 end", "!");
    check("select case when timestamp '2024-02-29 24:00' <> timestamp '2024-03-01' then null else 1 end", "?");
    check("select case when date '2024-02-29' = timestamp '2024-02-29' then 1 end", "!");
}

#[test]
fn strict_functions_of_null() {
    check(
        "select case when concat(null) is null then 1 end, case when array[1] || null::int[] is null then 1 end",
        "??",
    );
    check(
        "select case when length(null) is null then 1 end, case when sign(null::text::int) > 0 then null else 1 end",
        "!!",
    );
}
