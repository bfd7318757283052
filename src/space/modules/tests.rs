use super::*;
use crate::formats::maps::line::parse;

/// Which lines belong together, given lines of `begin-end perm offset name`.
fn grouped(lines: &[&str]) -> Vec<Vec<usize>> {
    let lines: Vec<String> = (lines.iter())
        .map(|line| {
            let (head, name) = line.rsplit_once(' ').unwrap();
            let device = if name.is_empty() {
                "00:00 0"
            } else {
                "08:01 7"
            };
            format!("{head} {device} {name}")
        })
        .collect();
    let records: Vec<_> = (lines.iter())
        .map(|line| parse(line.as_bytes()).unwrap())
        .collect();
    let groups = group(&records, &mut |_| None).into_iter();
    groups.map(|group| group.positions).collect()
}

#[test]
fn a_library_with_separate_code_and_memory_after_it() {
    let lines = [
        "1000-3000 r--p 0 /a",
        "3000-7000 r-xp 2000 /a",
        "7000-9000 r--p 6000 /a",
        "9000-a000 r--p 7000 /a",
        "a000-b000 rw-p 8000 /a",
        "b000-c000 rw-p 0 ",
    ];
    assert_eq!(grouped(&lines), [[0, 1, 2, 3, 4]]);
}

#[test]
fn an_old_library_with_a_hole_that_no_one_may_access() {
    let lines = [
        "1000-4000 r-xp 0 /a",
        "4000-203000 ---p 3000 /a",
        "203000-204000 r--p 2000 /a",
        "204000-205000 rw-p 3000 /a",
    ];
    assert_eq!(grouped(&lines), [[0, 1, 2, 3]]);
}

#[test]
fn segments_that_all_lie_on_the_first_page_of_the_file() {
    let lld = [
        "1000-2000 r--p 0 /a",
        "2000-3000 r-xp 0 /a",
        "3000-4000 r--p 0 /a",
        "4000-5000 rw-p 0 /a",
    ];
    assert_eq!(grouped(&lld), [[0, 1, 2, 3]]);
    let old_program = [
        "400000-401000 r-xp 0 /a",
        "600000-601000 r--p 0 /a",
        "601000-602000 rw-p 1000 /a",
    ];
    assert_eq!(grouped(&old_program), [[0, 1, 2]]);
}

#[test]
fn two_loads_side_by_side() {
    let lines = [
        "1000-2000 r--p 0 /a",
        "2000-3000 r-xp 1000 /a",
        "3000-4000 rw-p 1000 /a",
        "4000-5000 r--p 0 /a",
        "5000-6000 r-xp 1000 /a",
        "6000-7000 rw-p 1000 /a",
    ];
    assert_eq!(grouped(&lines), [[0, 1, 2], [3, 4, 5]]);
    let tiny = [
        "1000-2000 r--p 0 /a",
        "2000-3000 r-xp 0 /a",
        "3000-4000 rw-p 0 /a",
        "4000-5000 r--p 0 /a",
        "5000-6000 r-xp 0 /a",
        "6000-7000 rw-p 0 /a",
    ];
    assert_eq!(grouped(&tiny), [[0, 1, 2], [3, 4, 5]]);
}

#[test]
fn a_file_of_data_at_two_places() {
    let whole = ["1000-3000 r--p 0 /a", "3000-5000 r--p 0 /a"];
    assert_eq!(grouped(&whole), [[0], [1]]);
    let ring = ["1000-3000 rw-s 0 /a", "3000-5000 rw-s 0 /a"];
    assert_eq!(grouped(&ring), [[0], [1]]);
    let windows = ["1000-3000 r--p 0 /a", "9000-b000 r--p 4000 /a"];
    assert_eq!(grouped(&windows), [[0], [1]]);
    let apart = [
        "1000-3000 r--p 0 /a",
        "3000-4000 r--p 0 /b",
        "4000-5000 r--p 1000 /a",
    ];
    assert_eq!(grouped(&apart), [[0], [1], [2]]);
    let to_write = ["1000-3000 r--p 0 /a", "3000-5000 rw-p 0 /a"];
    assert_eq!(grouped(&to_write), [[0], [1]]);
}

#[test]
fn one_place_although_cut_or_replaced_in_the_middle() {
    let cut = [
        "1000-2000 r--s 0 /a",
        "2000-3000 rw-s 1000 /a",
        "5000-6000 r--s 4000 /a",
    ];
    assert_eq!(grouped(&cut), [[0, 1, 2]]);
    let other_inside = [
        "1000-2000 r--p 0 /a",
        "2000-3000 r-xp 0 /b",
        "3000-4000 r--p 2000 /a",
    ];
    assert_eq!(grouped(&other_inside), [vec![0, 2], vec![1]]);
}

#[test]
fn a_library_read_as_data_below_and_above_where_it_is_loaded() {
    let lines = [
        "1000-6000 r--p 0 /a",
        "6000-7000 r--p 0 /a",
        "7000-8000 r-xp 1000 /a",
        "8000-9000 rw-p 1000 /a",
        "9000-a000 r--p 0 /a",
    ];
    assert_eq!(grouped(&lines), [vec![0], vec![1, 2, 3], vec![4]]);
}

#[test]
fn a_library_read_as_data_below_code_that_begins_the_file() {
    let lines = [
        "1000-6000 r--p 0 /a",
        "6000-9000 r-xp 0 /a",
        "9000-b000 r--p 2000 /a",
        "b000-d000 rw-p 4000 /a",
        "d000-f000 r--p 0 /a",
    ];
    assert_eq!(grouped(&lines), [vec![0], vec![1, 2, 3], vec![4]]);
}

#[test]
fn a_library_of_data_alone() {
    let lines = ["1000-9000 r--p 0 /a", "9000-a000 r--p 7000 /a"];
    assert_eq!(grouped(&lines), [[0, 1]]);
    let holes = [
        "1000-3000 r--p 0 /a",
        "3000-8000 ---p 2000 /a",
        "8000-9000 rw-p 1000 /a",
        "9000-b000 ---p 8000 /a",
    ];
    assert_eq!(grouped(&holes), [[0, 1, 2, 3]]);
    let cut = [
        "1000-3000 r--p 0 /a",
        "3000-4000 rw-p 1000 /a",
        "6000-7000 rw-p 4000 /a",
    ];
    assert_eq!(grouped(&cut), [[0, 1, 2]]);
}

#[test]
fn a_map_that_is_listed_twice() {
    let lines = [
        "1000-3000 r--p 0 /a",
        "1000-4000 r--p 0 /a",
        "2000-4000 r--p 1000 /a",
    ];
    assert_eq!(grouped(&lines), [[0, 1, 2]]);
}

#[test]
fn only_files_are_modules() {
    let lines = [
        "1000-2000 rw-p 0 [heap]",
        "2000-3000 rw-s 0 /dev/dri/card0",
        "3000-4000 rw-p 0 /dev/shm/a",
    ];
    assert_eq!(grouped(&lines), [[2]]);
}
