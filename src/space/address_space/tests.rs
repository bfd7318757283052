use super::*;
use crate::formats::lines::Lines;
use crate::formats::maps::records;
use crate::mapping::{OwnedMapping, Spelling};
use crate::space::NotOfOneFile;

const TEXT: &str = "\
    10000-20000 r--p 0 8:1 7 /lib/a.so\n\
    20000-30000 r-xp 10000 8:1 7 /lib/a.so\n\
    30000-31000 rw-p 0 0:0 0\n\
    40000-50000 r--s 5000 8:1 8 /data\n";

fn space(text: &str) -> AddressSpace<OwnedMapping> {
    let maps = records(Lines::from_file(text.as_bytes())).map(|line| {
        let line = line.unwrap();
        OwnedMapping::new(line.fields, line.pathname, Spelling::Printed).unwrap()
    });
    AddressSpace::new(maps.collect()).unwrap()
}

#[test]
fn an_address_is_found_in_its_mapping() {
    let space = space(TEXT);
    for (address, position) in [
        (0xffff, None),
        (0x10000, Some(0)),
        (0x1ffff, Some(0)),
        (0x30fff, Some(2)),
        (0x31000, None),
        (0x4ffff, Some(3)),
        (0x50000, None),
    ] {
        assert_eq!(space.find(address), position, "{address:#x}");
    }
}

#[test]
fn mappings_in_any_order_are_sorted() {
    let mut lines: Vec<_> = TEXT.lines().collect();
    lines.reverse();
    let sorted = space(TEXT);
    let reversed = space(&lines.join("\n"));
    assert_eq!(reversed.maps(), sorted.maps());
    assert_eq!(reversed.find(0x40000), Some(3));
}

#[test]
fn modules_are_whole() {
    let space = space(TEXT);
    let modules = space.modules().unwrap();
    let [library, data] = modules.all() else {
        panic!("{modules:?}");
    };
    assert_eq!(library.positions(), [0, 1]);
    assert_eq!(
        (library.range().begin, library.range().end),
        (0x10000, 0x30000)
    );
    assert_eq!(library.base_address(), 0x10000);
    assert!(library.has_code() && !data.has_code());
    assert_eq!(data.base_address(), 0x3b000);
    assert_eq!(modules.owner(2), None);
    assert_eq!(modules.owner(3), Some((1, data)));
}

#[test]
fn an_address_resolves_to_mapping_and_module() {
    let space = space(TEXT);
    let at = |address| space.resolve(address).unwrap();
    assert_eq!(at(0x20010).unwrap().position, 1);
    assert_eq!(at(0x20010).unwrap().module.unwrap().0, 0);
    assert!(at(0x30000).unwrap().module.is_none());
    assert!(at(0x31000).is_none());
}

#[test]
fn equal_mappings_stand_side_by_side() {
    let line = "1000-2000 r--p 0 8:1 7 /";
    let space = space(&format!("{line}b\n{line}a\n{line}b\n{line}c\n"));
    let position = |name: &str| {
        let line = format!("{line}{name}");
        space.positions(&crate::formats::maps::line::parse(line.as_bytes()).unwrap())
    };
    assert_eq!(position("a"), 0..1);
    assert_eq!(position("b"), 1..3);
    assert_eq!(position("d"), 4..4);
}

#[test]
fn a_module_is_made_of_mappings_of_one_file_alone() {
    let space = space(TEXT);
    let end = |maps| Module::from_maps(maps).map(|module| module.range().end);
    assert_eq!(end(&space.maps()[..2]), Ok(0x30000));
    assert_eq!(end(&space.maps()[1..3]), Err(NotOfOneFile::Another));
    assert_eq!(end(&space.maps()[2..3]), Err(NotOfOneFile::First));
    assert_eq!(end(&[]), Err(NotOfOneFile::First));
    assert_eq!(NotOfOneFile::First.to_string(), "maps must be of a file");
    let another = NotOfOneFile::Another.to_string();
    assert_eq!(another, "maps must be of one file");
}

#[test]
fn program_headers_tell_the_load_bias() {
    let space = space(TEXT);
    // The program headers of a library that was linked for 0x8000.
    let segment = |offset, flags| Segment {
        kind: 1,
        flags,
        offset,
        address: 0x8000 + offset,
        file_size: 0x10000,
        memory_size: 0x10000,
        alignment: 0x1000,
    };
    let mut asked = Vec::new();
    let modules = space.modules_by(|map| {
        asked.push(map.fields.begin_address);
        let is_library = map.fields.inode == 7;
        is_library.then(|| [segment(0, 4), segment(0x10000, 5)].into())
    });
    let modules = modules.unwrap();
    let told: Vec<_> = (modules.all().iter())
        .map(|module| (module.positions(), module.load_bias()))
        .collect();
    assert_eq!(told, [(&[0, 1][..], Some(0x8000)), (&[3], None)]);
    assert_eq!(asked, [0x10000, 0x40000]);
    let data = modules.all()[1].clone();
    assert_eq!(data.with_load_bias(Some(-5)).load_bias(), Some(-5));
}

#[test]
fn each_file_is_known_by_its_first_mapping() {
    let space = space(TEXT);
    let files = space.files().into_iter();
    let begins: Vec<_> = files.map(|map| map.fields.begin_address).collect();
    assert_eq!(begins, [0x10000, 0x40000]);
}
