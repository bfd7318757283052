use std::fs;

use super::*;
use crate::linux::query::Probe;
use crate::linux::stage::{
    Child, Folder, both_ways, errno, filters, has_query, mappings, own_pid, process, stat,
};

/// The first mapping that a filter admits of those that the address asks for.
fn expected(
    all: &[OwnedMapping],
    address: u64,
    lookup: Lookup,
    filter: Filter,
) -> Option<&OwnedMapping> {
    let mut admitted = all.iter().filter(|mapping| filter.admits(&mapping.fields));
    let next = admitted.find(|mapping| address < mapping.fields.end_address);
    next.filter(|next| lookup == Lookup::CoveringOrNext || next.fields.begin_address <= address)
}

fn both_lookups(filter: Filter) -> [(Filter, Lookup); 2] {
    [Lookup::Covering, Lookup::CoveringOrNext].map(|lookup| (filter, lookup))
}

#[test]
fn a_process_is_found_as_its_text_shows_it() {
    let child = Child::start();
    let all = mappings(&child.read("maps"));
    let mut addresses: Vec<_> = (all.iter())
        .map(|mapping| (mapping.fields.begin_address, mapping.fields.end_address))
        .flat_map(|(begin, end)| [begin - 1, begin, end - 1, end])
        .collect();
    // Upwards and downwards: what lies highest the ioctl doesn't know, and a process
    // keeps that once it was asked for.
    for use_query in [true, true, false] {
        for (filter, lookup) in filters().into_iter().flat_map(both_lookups) {
            let process = Process::open(&child.path(), use_query).unwrap();
            for &address in &addresses {
                let found = process.find_filtered(address, lookup, filter).unwrap();
                let expected = expected(&all, address, lookup, filter);
                let asked = format!("{address:x} {lookup:?} {filter:?}");
                assert_eq!(found.as_ref(), expected, "{asked}");
            }
        }
        addresses.reverse();
    }
    let last = all.last().unwrap().fields.begin_address;
    for address in [0, last] {
        let found = find_once(&child.path(), address).unwrap();
        let covering = expected(&all, address, Lookup::Covering, Filter::default());
        assert_eq!(found.as_ref(), covering);
    }
}

#[test]
fn a_process_is_found_until_it_ends() {
    let mut child = Child::start();
    let held = Process::open(&child.path(), true).unwrap();
    child.become_zombie();
    assert_eq!(
        errno(held.find(0, Lookup::CoveringOrNext)),
        Some(Errno::SRCH)
    );
    // One that never had maps has none, for as long as it is there.
    let zombie = Process::open(&child.path(), true).unwrap();
    assert_eq!(zombie.find(0, Lookup::CoveringOrNext).unwrap(), None);
    assert_eq!(find_once(&child.path(), 0).unwrap(), None);
    child.end();
    assert_eq!(
        errno(zombie.find(0, Lookup::CoveringOrNext)),
        Some(Errno::SRCH)
    );
    assert_eq!(errno(find_once(&child.path(), 0)), Some(Errno::NOENT));
}

#[test]
fn where_the_kernel_answers_no_text_is_read() {
    let child = Child::start();
    let all = mappings(&child.read("maps"));
    let folder = Folder::new("no-text");
    folder.link("7/maps", child.path().file("maps"));
    let [asked, read] = both_ways(&folder.process(7));
    fs::remove_file(folder.path().join("7/maps")).unwrap();
    let begin = all[0].fields.begin_address;
    if has_query() {
        let found = asked.find(begin, Lookup::Covering).unwrap();
        assert_eq!(found.as_ref(), Some(&all[0]));
    }
    assert_eq!(
        errno(read.find(begin, Lookup::Covering)),
        Some(Errno::NOENT)
    );
}

#[test]
fn the_innermost_of_a_text_is_found_in_any_order() {
    let folder = Folder::new("innermost");
    let text = "5000-6000 r--p 00000000 00:00 0 \n\
        1000-9000 ---p 00000000 00:00 0 \n\
        2000-3000 rw-p 00000000 00:00 0 \n";
    folder.write("7/maps", text);
    let process = Process::open(&folder.process(7), true).unwrap();
    assert!(!process.is_query_supported());
    let all = mappings(text.as_bytes());
    for (address, lookup, found) in [
        (0x0fff, Lookup::Covering, None),
        (0x0fff, Lookup::CoveringOrNext, Some(&all[1])),
        (0x1000, Lookup::Covering, Some(&all[1])),
        (0x2fff, Lookup::Covering, Some(&all[2])),
        (0x3000, Lookup::Covering, Some(&all[1])),
        (0x5000, Lookup::Covering, Some(&all[0])),
        (0x9000, Lookup::CoveringOrNext, None),
    ] {
        assert_eq!(process.find(address, lookup).unwrap().as_ref(), found);
    }
}

#[test]
fn a_name_of_any_length_is_whole() {
    let folder = Folder::new("any-length");
    let mut place = rustix::fs::open(
        folder.path(),
        rustix::fs::OFlags::PATH,
        rustix::fs::Mode::empty(),
    )
    .unwrap();
    let mut path = folder.path().to_owned();
    let part = "a".repeat(250);
    let mode = rustix::fs::Mode::RWXU;
    // The kernel gives names of up to 4095 bytes alone.
    for _ in 0..19 {
        let flags = rustix::fs::OFlags::CREATE | rustix::fs::OFlags::RDWR;
        let file: File = rustix::fs::openat(&place, "b", flags, mode).unwrap().into();
        file.set_len(1).unwrap();
        let probe = Probe::map(&file).unwrap();
        for use_query in [true, false] {
            let process = Process::open(&process(own_pid()), use_query).unwrap();
            let found = process.find(probe.address(), Lookup::Covering).unwrap();
            let name = found.unwrap().name.unwrap();
            let expected = path.join("b");
            assert_eq!(name.as_bytes(), expected.as_os_str().as_encoded_bytes());
        }
        rustix::fs::mkdirat(&place, &part, mode).unwrap();
        let flags = rustix::fs::OFlags::PATH;
        place = rustix::fs::openat(&place, &part, flags, rustix::fs::Mode::empty()).unwrap();
        path.push(&part);
    }
}

#[test]
fn a_child_that_executes_a_program_is_found_no_more() {
    let child = Child::start();
    let folder = Folder::of_sharing_child("executes");
    folder.link("7/maps", child.path().file("maps"));
    let process = Process::open(&folder.process(7), true).unwrap();
    let first = mappings(&child.read("maps")).remove(0);
    let begin = first.fields.begin_address;
    assert_eq!(process.find(begin, Lookup::Covering).unwrap(), Some(first));
    process.check_sharing().unwrap();
    folder.write("7/stat", stat(7, 9));
    for result in [
        process.find(begin, Lookup::Covering).map(drop),
        process.check_sharing(),
    ] {
        assert_eq!(errno(result), Some(Errno::SRCH));
    }
}
