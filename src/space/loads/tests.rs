use crate::formats::maps::line::parse;
use crate::space::modules::group;

/// The lines of each module that is named `/a`, given `begin-end perm offset` and
/// a name, if any.
fn loads(lines: &[&str]) -> Vec<Vec<usize>> {
    let lines: Vec<String> = (lines.iter())
        .map(|line| match line.split_once(" /") {
            Some((head, name)) => format!("{head} fe:00 1 /{name}"),
            None => match line.split_once(" [") {
                Some((head, name)) => format!("{head} 00:00 0 [{name}"),
                None => format!("{line} 00:00 0"),
            },
        })
        .collect();
    let records: Vec<_> = (lines.iter())
        .map(|line| parse(line.as_bytes()).unwrap())
        .collect();
    let groups = group(&records, &mut |_| None).into_iter();
    let mut groups: Vec<_> = groups.map(|group| group.positions).collect();
    groups.retain(|places| lines[places[0]].ends_with("/a"));
    groups
}

#[test]
fn a_hole_behind_a_writable_segment() {
    let glibc = [
        "7fdcfe600000-7fdcfe889000 r--p 00000000 /a",
        "7fdcfe889000-7fdcffbca000 r-xp 00288000 /a",
        "7fdcffbca000-7fdcffbd2000 r--p 015c8000 /a",
        "7fdcffbd2000-7fdcffbe1000 rw-p 015cf000 /a",
        "7fdcffbe1000-7fdcffbe8000 rw-p 00000000",
        "7fdcffbe8000-7fdcffbed000 ---p 015e8000 /a",
        "7fdcffbed000-7fdcffd57000 rw-p 016d2000 /a",
    ];
    assert_eq!(loads(&glibc), [[0, 1, 2, 3, 5, 6]]);
}

#[test]
fn holes_that_musl_leaves_readable() {
    let apart = [
        "10000-30000 r--p 0 /a",
        "30000-70000 r-xp 10000 /a",
        "70000-80000 r--p 60000 /a",
        "80000-82000 r--p 5f000 /a",
        "82000-84000 rw-p 61000 /a",
        "84000-90000 rw-p 0",
    ];
    assert_eq!(loads(&apart), [[0, 1, 2, 3, 4]]);
    let code_first = [
        "10000-15000 r-xp 0 /a",
        "15000-2f000 r-xp 5000 /a",
        "2f000-30000 r--p f000 /a",
        "30000-31000 rw-p 10000 /a",
    ];
    assert_eq!(loads(&code_first), [[0, 1, 2, 3]]);
}

#[test]
fn others_in_the_holes_that_the_kernel_leaves() {
    let interpreter = [
        "fffff7fc0000-fffff7fe7000 r-xp 0 /a",
        "fffff7ff7000-fffff7ff9000 r--p 0 [vvar]",
        "fffff7ff9000-fffff7ffa000 r-xp 0 [vdso]",
        "fffff7ffc000-fffff7ffe000 r--p 2c000 /a",
        "fffff7ffe000-fffff8000000 rw-p 2e000 /a",
    ];
    assert_eq!(loads(&interpreter), [[0, 3, 4]]);
    let library = [
        "10000-20000 r-xp 0 /a",
        "20000-21000 r--p 0 /b",
        "2f000-30000 r--p f000 /a",
    ];
    assert_eq!(loads(&library), [[0, 2]]);
    let far = [
        "10000-20000 r-xp 0 /a",
        "20000-21000 r--p 0 /b",
        "7f0000000000-7f0000001000 r--p f000 /a",
    ];
    assert_eq!(loads(&far), [[0], [2]]);
    let after_its_memory = [
        "10000-20000 rwxp 0 /a",
        "20000-50000000 rw-p 0",
        "50000000-50001000 r--p 0 /b",
        "50002000-50003000 r--p f000 /a",
    ];
    assert_eq!(loads(&after_its_memory), [[0, 3]]);
}

#[test]
fn segments_in_another_order_than_in_the_file() {
    let zig = [
        "1000000-1001000 r--p 0 /a",
        "1001000-102c000 r--p 726000 /a",
        "102c000-121d000 r-xp 760000 /a",
        "121d000-128e000 rw-p 216000 /a",
        "2000000-2001000 r--p 0 /a",
        "2001000-202c000 r--p 726000 /a",
        "202c000-221d000 r-xp 760000 /a",
        "221d000-228e000 rw-p 216000 /a",
    ];
    assert_eq!(loads(&zig), [[0, 1, 2, 3], [4, 5, 6, 7]]);
    let read_only_last = [
        "10000-11000 r--p 0 /a",
        "11000-12000 r-xp 1000 /a",
        "12000-13000 rw-p 2000 /a",
        "14000-16000 r--p 5000 /a",
    ];
    assert_eq!(loads(&read_only_last), [[0, 1, 2, 3]]);
}

#[test]
fn segments_that_begin_on_the_first_page_far_apart() {
    let glibc = [
        "10000-11000 r--p 0 /a",
        "11000-20000 ---p 1000 /a",
        "20000-21000 r-xp 0 /a",
        "21000-30000 ---p 11000 /a",
        "30000-31000 r--p 0 /a",
        "31000-40000 r--p 21000 /a",
        "40000-41000 rw-p 0 /a",
    ];
    assert_eq!(loads(&glibc), [[0, 1, 2, 3, 4, 5, 6]]);
    let two_with_code_first = [
        "10000-20000 r-xp 0 /a",
        "20000-30000 r--p 0 /a",
        "30000-40000 r--p 0 /a",
        "40000-50000 rw-p 10000 /a",
        "50000-60000 r-xp 0 /a",
        "60000-70000 r--p 0 /a",
        "70000-80000 r--p 0 /a",
        "80000-90000 rw-p 10000 /a",
    ];
    assert_eq!(loads(&two_with_code_first), [[0, 1, 2, 3], [4, 5, 6, 7]]);
}

#[test]
fn the_file_read_above_a_load_without_data() {
    let lines = [
        "10000-12000 r--p 0 /a",
        "12000-14000 r-xp 1000 /a",
        "20000-21000 r--p 0 /a",
    ];
    assert_eq!(loads(&lines), [vec![0, 1], vec![2]]);
}

#[test]
fn headers_read_as_data_below_code_that_begins_the_file() {
    let one_data_segment = [
        "10000-11000 r--p 0 /a",
        "11000-20000 r-xp 0 /a",
        "20000-21000 r--p e000 /a",
        "21000-22000 rw-p f000 /a",
    ];
    assert_eq!(loads(&one_data_segment), [vec![0], vec![1, 2, 3]]);
    let wide_steps = [
        "10000-11000 r--p 0 /a",
        "11000-20000 r-xp 0 /a",
        "20000-30000 ---p f000 /a",
        "30000-31000 rw-p f000 /a",
    ];
    assert_eq!(loads(&wide_steps), [vec![0], vec![1, 2, 3]]);
    let lld = [
        "10000-11000 r--p 0 /a",
        "11000-20000 r-xp 0 /a",
        "20000-21000 r--p e000 /a",
        "21000-22000 rw-p e000 /a",
    ];
    assert_eq!(loads(&lld), [[0, 1, 2, 3]]);
}

#[test]
fn large_pages_in_the_place_of_code() {
    // Those of a memfd have a name, and here there are more of them than a hole is wide.
    let lines = [
        "10000-30000 r--p 0 /a",
        "30000-200000 r-xp 1f000 /a",
        "200000-800000 r-xp 0 /b",
        "800000-850000 r-xp 7ef000 /a",
        "850000-860000 rw-p 83e000 /a",
    ];
    assert_eq!(loads(&lines), [[0, 1, 3, 4]]);
}

#[test]
fn what_is_shared_is_part_of_no_load() {
    let above = [
        "10000-11000 r--p 0 /a",
        "11000-12000 r-xp 1000 /a",
        "12000-13000 rw-p 1000 /a",
        "13000-14000 rw-s 1000 /a",
    ];
    assert_eq!(loads(&above), [vec![0, 1, 2], vec![3]]);
    let below = [
        "10000-13000 rw-s 0 /a",
        "13000-14000 r--p 1000 /a",
        "14000-15000 r-xp 2000 /a",
    ];
    assert_eq!(loads(&below), [vec![0], vec![1, 2]]);
    let data = ["10000-13000 r--p 0 /a", "13000-14000 rw-s 2000 /a"];
    assert_eq!(loads(&data), [[0], [1]]);
}
