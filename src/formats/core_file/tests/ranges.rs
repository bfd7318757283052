use super::compose::{File, Load, Machine, S390_31, X86_64};
use super::*;

fn load(begin: u64, end: u64, access: &'static str) -> Load {
    (begin, end, access, Vec::new())
}

/// The range, permissions, offset and name of each mapping.
fn ranges(machine: Machine, loads: &[Load], files: &[File<'_>]) -> Vec<String> {
    let core = machine.core(loads, &[machine.files(files)]);
    let core = CoreFile::read(&core[..]).unwrap();
    let ends = core.mappings().map(|(fields, _)| fields.end_address);
    let ends: Vec<u64> = ends.collect();
    (listed(&core).iter().zip(ends))
        .map(|(line, end)| line.replacen(' ', &format!("-{end:x} "), 1))
        .collect()
}

#[test]
fn ranges_are_cut_where_files_and_memory_begin_and_end() {
    let loads = [
        load(0xf000, 0x15000, "r-x"),
        load(0x18000, 0x19000, "rw-"),
        load(0x1a000, 0x1a000, "rwx"),
    ];
    let files: [File<'_>; 4] = [
        (0x10000, 0x11000, 0x5000, b"/a"),
        (0x12000, 0x13000, 0, b"/b"),
        (0x13000, 0x20000, 0x1000, b"/c"),
        (0x21000, 0x21000, 0, b"/empty"),
    ];
    let expected = [
        "f000-10000 r-xp 0 ",
        "10000-11000 r-xp 5000 /a",
        "11000-12000 r-xp 0 ",
        "12000-13000 r-xp 0 /b",
        "13000-15000 r-xp 1000 /c",
        "15000-18000 ---p 3000 /c",
        "18000-19000 rw-p 6000 /c",
        "19000-20000 ---p 7000 /c",
    ];
    assert_eq!(ranges(X86_64, &loads, &files), expected);
    let (mut loads, mut files) = (loads.to_vec(), files);
    loads.reverse();
    files.reverse();
    assert_eq!(ranges(X86_64, &loads, &files), expected);
}

/// The first page of a library with headers, code and data.
fn first_page(machine: Machine) -> Vec<u8> {
    let (start, _) = machine.sizes();
    let mut page = machine.header(3, start as u64, 0, 3);
    page.extend(machine.program_header([1, 4, 0, 0, 0x800, 0x800]));
    page.extend(machine.program_header([1, 5, 0x1800, 0x2800, 0x1800, 0x1800]));
    page.extend(machine.program_header([1, 6, 0x3000, 0x5000, 0x1000, 0x1000]));
    page.resize(0x1000, 0);
    page
}

#[test]
fn what_was_not_written_has_the_permissions_that_its_file_tells() {
    for machine in [X86_64, S390_31] {
        let loads = [(0x10000, 0x11000, "---", first_page(machine))];
        let files: [File<'_>; 6] = [
            (0x10000, 0x11000, 0, b"/lib"),
            (0x12000, 0x14000, 0x1000, b"/lib"),
            (0x14000, 0x15000, 0x4000, b"/lib"),
            (0x15000, 0x16000, 0x3000, b"/lib"),
            (0x16000, 0x17000, 0x4000, b"/lib"),
            (0x17000, 0x18000, 0x1000, b"/data"),
        ];
        assert_eq!(
            ranges(machine, &loads, &files),
            [
                // What was written has its own.
                "10000-11000 ---p 0 /lib",
                "12000-14000 r-xp 1000 /lib",
                // Another part of the file than the segment has here.
                "14000-15000 ---p 4000 /lib",
                "15000-16000 rw-p 3000 /lib",
                // Past the last segment.
                "16000-17000 ---p 4000 /lib",
                "17000-18000 ---p 1000 /data",
            ],
            "{machine:?}"
        );
    }
}

#[test]
fn another_file_in_the_place_of_a_segment_has_no_permissions() {
    let loads = [(0x10000, 0x11000, "r--", first_page(X86_64))];
    let files: [File<'_>; 2] = [
        (0x10000, 0x11000, 0, b"/lib"),
        (0x12000, 0x14000, 0x1000, b"/other"),
    ];
    assert_eq!(
        ranges(X86_64, &loads, &files),
        ["10000-11000 r--p 0 /lib", "12000-14000 ---p 1000 /other"]
    );
}

#[test]
fn a_segment_has_the_page_that_it_begins_in_and_no_more() {
    let loads = [(0x10000, 0x11000, "r--", first_page(X86_64))];
    let at = |begin, offset| {
        let files: [File<'_>; 2] = [
            (0x10000, 0x11000, 0, b"/lib"),
            (begin, begin + 0x1000, offset, b"/lib"),
        ];
        ranges(X86_64, &loads, &files).pop().unwrap()
    };
    assert_eq!(at(0x12000, 0x1000), "12000-13000 r-xp 1000 /lib");
    assert_eq!(at(0x13000, 0x2000), "13000-14000 r-xp 2000 /lib");
    // The code ends at 0x4000, and the data begins at 0x5000.
    assert_eq!(at(0x14000, 0x3000), "14000-15000 ---p 3000 /lib");
    assert_eq!(at(0x14000, 0x2000), "14000-15000 ---p 2000 /lib");
    assert_eq!(at(0x15000, 0x3000), "15000-16000 rw-p 3000 /lib");
}

#[test]
fn the_headers_of_so_many_files_are_read() {
    let loads = [(0x10_0000_0000, 0x10_0000_1000, "r--", first_page(X86_64))];
    let told = |others: u64| {
        let mut files: Vec<File<'_>> = (0..others)
            .map(|number| 0x100_0000 + number * 0x2000)
            .flat_map(|at| {
                [
                    (at, at + 0x1000, 0, &b"/x"[..]),
                    (at + 0x1000, at + 0x2000, 0x1000, b"/x"),
                ]
            })
            .collect();
        files.push((0x10_0000_0000, 0x10_0000_1000, 0, b"/lib"));
        files.push((0x10_0000_2000, 0x10_0000_4000, 0x1000, b"/lib"));
        ranges(X86_64, &loads, &files).pop().unwrap()
    };
    let code = told((1 << 14) - 1);
    assert_eq!(code, "1000002000-1000004000 r-xp 1000 /lib");
    let unknown = told(1 << 14);
    assert_eq!(unknown, "1000002000-1000004000 ---p 1000 /lib");
}
