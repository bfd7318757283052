mod limits;

use super::*;
use crate::formats::maps::line::parse;
use crate::space::modules::group;

/// A segment as readelf prints it: offset, address, sizes, and the flags as `R E`.
fn load(offset: u64, address: u64, file_size: u64, memory_size: u64, flags: &str) -> Segment {
    let bits = [("R", 4), ("W", 2), ("E", 1)];
    Segment {
        kind: 1,
        flags: bits
            .iter()
            .filter(|(name, _)| flags.contains(name))
            .map(|(_, bit)| bit)
            .sum(),
        offset,
        address,
        file_size,
        memory_size,
        alignment: 0x1000,
    }
}

/// A library as lld lays it out.
fn library() -> Vec<Segment> {
    vec![
        load(0, 0, 0x283c, 0x283c, "R"),
        load(0x2840, 0x3840, 0x170, 0x170, "RE"),
        load(0x29b0, 0x49b0, 0x1438, 0x1650, "RW"),
        load(0x3e00, 0x6e00, 0x1f80, 0x1a640, "RW"),
    ]
}

/// The bias and the lines of each module, given lines of `begin-end perm offset`.
fn modules(lines: &[&str], segments: &[Segment]) -> Vec<(Option<i128>, Vec<usize>)> {
    let lines: Vec<String> = (lines.iter())
        .map(|line| match line.strip_suffix(" 0:0 0") {
            Some(_) => (*line).to_owned(),
            None => format!("{line} fe:00 1 /a"),
        })
        .collect();
    let records: Vec<_> = (lines.iter())
        .map(|line| parse(line.as_bytes()).unwrap())
        .collect();
    let mut asked = Vec::new();
    let groups = group(&records, &mut |position| {
        asked.push(position);
        Some(segments.into())
    });
    assert_eq!(asked.len(), 1);
    groups
        .into_iter()
        .map(|group| (group.load_bias, group.positions))
        .collect()
}

#[test]
fn two_loads_and_the_file_as_data_between_and_beside_them() {
    let lines = [
        "0f000-10000 r--p 0",
        "10000-13000 r--p 0",
        "13000-14000 r-xp 2000",
        "14000-16000 r--p 2000",
        "16000-18000 rw-p 3000",
        "18000-1e000 r--p 0",
        "20000-23000 r--p 0",
        "23000-24000 r-xp 2000",
        "24000-26000 r--p 2000",
        "26000-28000 rw-p 3000",
        "28000-29000 r--p 4000",
    ];
    assert_eq!(
        modules(&lines, &library()),
        [
            (None, vec![0]),
            (Some(0x10000), vec![1, 2, 3, 4]),
            (None, vec![5]),
            (Some(0x20000), vec![6, 7, 8, 9]),
            (None, vec![10]),
        ]
    );
}

#[test]
fn the_addresses_that_a_file_was_linked_for() {
    let program = [
        load(0, 0x400_000, 0x800, 0x800, "RE"),
        load(0xe00, 0x600_e00, 0x200, 0x300, "RW"),
    ];
    let lines = ["400000-401000 r-xp 0", "600000-601000 rw-p 0"];
    assert_eq!(modules(&lines, &program), [(Some(0), vec![0, 1])]);
    let moved_down = ["100000-101000 r-xp 0", "300000-301000 rw-p 0"];
    assert_eq!(
        modules(&moved_down, &program),
        [(Some(-0x300_000), vec![0, 1])]
    );
}

#[test]
fn segments_in_another_order_than_in_the_file() {
    let zig = [
        load(0, 0, 0x238, 0x238, "R"),
        load(0x726_000, 0x1000, 0x2ad60, 0x2ad60, "R"),
        load(0x760_000, 0x2c000, 0x1f_0c2a, 0x1f_0c2a, "RE"),
        load(0x216_000, 0x21d_000, 0x70248, 0x71300, "RW"),
    ];
    let lines = [
        "1000000-1001000 r--p 0",
        "1001000-102c000 r--p 726000",
        "102c000-121d000 r-xp 760000",
        "121d000-128e000 rw-p 216000",
    ];
    assert_eq!(
        modules(&lines, &zig),
        [(Some(0x100_0000), vec![0, 1, 2, 3])]
    );
}

#[test]
fn what_is_left_of_the_first_segment_in_holes() {
    let apart = [
        load(0, 0, 0x9000, 0x9000, "RE"),
        load(0x9e00, 0x19e00, 0x200, 0x8000, "RW"),
        load(0x1b000, 0x2b000, 0x1000, 0x1000, "RW"),
    ];
    let lines = [
        "100000-109000 r-xp 0",
        "109000-119000 ---p 9000",
        "119000-11a000 rw-p 9000",
        "11a000-122000 rw-p 0 0:0 0",
        "122000-12b000 ---p 22000",
        "12b000-12c000 rw-p 1b000",
    ];
    assert_eq!(
        modules(&lines, &apart),
        [(Some(0x10_0000), vec![0, 1, 2, 4, 5])]
    );
}

#[test]
fn a_part_that_other_memory_has_replaced() {
    let lines = [
        "10000-13000 r--p 0",
        "13000-14000 rw-p 0 0:0 0",
        "14000-16000 r--p 2000",
        "16000-18000 rw-p 3000",
    ];
    assert_eq!(
        modules(&lines, &library()),
        [(Some(0x10000), vec![0, 2, 3])]
    );
    // Half of it is not enough.
    assert_eq!(
        modules(&lines[..3], &library()),
        [(None, vec![0]), (None, vec![2])]
    );
    // Nor is code that can't be executed, as where a debugger reads the file.
    let data = ["10000-13000 r--p 0", "13000-14000 r--p 2000"];
    let sections = [
        load(0, 0, 0x3000, 0x3000, "R"),
        load(0x3000, 0x3000, 0x1000, 0x1000, "RE"),
        load(0x4000, 0x4000, 0x1000, 0x1000, "R"),
    ];
    assert_eq!(
        modules(&["10000-15000 r--p 0"], &sections),
        [(None, vec![0])]
    );
    assert_eq!(modules(&data, &[]), modules(&data, &library()));
}

#[test]
fn code_that_is_writable_or_was() {
    let omagic = [
        load(0, 0x200_000, 0xa1b66, 0xa1b66, "RWE"),
        load(0xa1b68, 0x2a2_b68, 0x3a08, 0x4498, "RWE"),
        load(0xa5570, 0x2a7_570, 0x50e8, 0xa930, "RWE"),
    ];
    let lines = [
        "10000-b8000 r--p 0",
        "200000-2a2000 rwxp 0",
        "2a2000-2a7000 r--p a1000",
        "2a7000-2ad000 rwxp a5000",
    ];
    assert_eq!(
        modules(&lines, &omagic),
        [(None, vec![0]), (Some(0), vec![1, 2, 3])]
    );
    let data = [(None, vec![0])];
    assert_eq!(modules(&lines[..1], &omagic[..1]), data);
}

#[test]
fn code_that_large_pages_have_replaced_up_to_its_ends() {
    let bfd = [
        load(0, 0, 0x3000, 0x3000, "R"),
        load(0x3000, 0x3000, 0x1000, 0x1000, "RE"),
        load(0x4000, 0x4000, 0x800, 0x800, "R"),
        load(0x4e00, 0x5e00, 0x200, 0x300, "RW"),
    ];
    let lines = [
        "10000-13000 r--p 0",
        "13000-14000 r-xp 0 0:0 0",
        "14000-15000 r--p 4000",
        "15000-16000 rw-p 4000",
    ];
    assert_eq!(modules(&lines, &bfd), [(Some(0x10000), vec![0, 2, 3])]);
}

#[test]
fn code_of_which_a_part_can_not_be_executed() {
    let program = [
        load(0, 0, 0x1000, 0x1000, "RE"),
        load(0x1000, 0x1000, 0x1000, 0x1000, "RE"),
    ];
    let lines = ["10000-11000 r-xp 0", "11000-12000 r--p 1000"];
    assert_eq!(modules(&lines, &program), [(None, vec![0, 1])]);
}

#[test]
fn the_file_read_where_its_load_ends() {
    let program = [
        load(0, 0, 0x1000, 0x1000, "RE"),
        load(0x1000, 0x1000, 0x1000, 0x1000, "RW"),
    ];
    let lines = [
        "10000-11000 r-xp 0",
        "11000-12000 rw-p 1000",
        "12000-13000 r--p 2000",
    ];
    assert_eq!(
        modules(&lines, &program),
        [(Some(0x10000), vec![0, 1]), (None, vec![2])]
    );
}

#[test]
fn headers_that_put_no_bytes_of_the_file_anywhere() {
    let code = load(0, 0, 0x900, 0x900, "RE");
    // PT_GNU_EH_FRAME: a table for what is thrown, inside the code and read only.
    let table = Segment {
        kind: 0x6474_e550,
        ..load(0x800, 0x800, 0x40, 0x40, "R")
    };
    let zeros = load(0x900, 0x2000, 0, 0x1000, "RW");
    let lines = ["10000-11000 r-xp 0", "12000-13000 rw-p 0 0:0 0"];
    let known = [(Some(0x10000), vec![0])];
    assert_eq!(modules(&lines, &[code, table]), known);
    assert_eq!(modules(&lines, &[code, zeros]), known);
}
