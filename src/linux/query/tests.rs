use std::fs::{self, File};

use super::*;
use crate::linux::stage::{Child, Folder, has_query, mappings};
use crate::mapping::{Name, OwnedMapping, Spelling};

#[test]
fn the_structure_is_the_kernels() {
    assert_eq!(size_of::<ProcmapQuery>(), 104);
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    assert_eq!(PROCMAP_QUERY, 0xc068_6611);
}

#[test]
fn a_file_that_lists_no_maps_knows_no_such_question() {
    let file = File::open(file!()).unwrap();
    let answer = query(&file, 0, Lookup::Covering, &mut [], &mut []);
    assert_eq!(answer.unwrap_err(), Errno::NOTTY);
}

#[test]
fn a_kernel_that_knows_the_question_knows_its_form() {
    let maps = File::open("/proc/self/maps").unwrap();
    let answer = query(&maps, 0, Lookup::CoveringOrNext, &mut [], &mut []);
    assert_ne!(answer.err(), Some(Errno::INVAL));
}

#[test]
fn answers_are_what_the_text_shows() {
    let child = Child::start();
    let maps = File::open(child.path().file("maps")).unwrap();
    let shown = mappings(&child.read("maps"));
    // The gate is no mapping of the process.
    let own = shown.iter().filter(|mapping| {
        let name = mapping.name.as_ref().map(Name::as_bytes);
        name.is_none_or(|name| !crate::linux::gate::NAMES.contains(&name))
    });
    for expected in own.filter(|_| has_query()) {
        let mut name = [0; LONG_NAME];
        let address = expected.fields.end_address - 1;
        let answer = query(&maps, address, Lookup::Covering, &mut name, &mut []).unwrap();
        let found = OwnedMapping::new(answer.fields, answer.name(&name), Spelling::Raw);
        assert_eq!(found.unwrap(), *expected);
        assert_eq!(answer.build_id_size, 0);
        // Without room nothing is said of the name.
        let answer = query(&maps, address, Lookup::Covering, &mut [], &mut []).unwrap();
        assert_eq!((answer.fields, answer.name_size), (expected.fields, 0));
    }
}

#[test]
fn answers_go_on_while_there_is_room_for_a_long_name() {
    if !has_query() {
        return;
    }
    let child = Child::start();
    let maps = File::open(child.path().file("maps")).unwrap();
    // The program comes first, in several mappings.
    let shown = mappings(&child.read("maps"));
    let name = shown[0].name.as_ref().unwrap().as_bytes();
    assert_eq!(shown[1].name.as_ref().unwrap().as_bytes(), name);
    let size = name.len() + 1;
    for (room, count) in [
        (LONG_NAME, 1),
        (LONG_NAME + size - 1, 1),
        (LONG_NAME + size, 2),
    ] {
        let mut names = vec![0; room];
        let mut answers = [QueryResult::NONE; 2];
        let flags = Lookup::CoveringOrNext.into();
        let maps = maps.as_fd();
        let end = query_each(maps, 0, flags, &mut answers, &mut names, &mut []);
        assert_eq!(end, (count, Ok(())));
        for (answer, shown) in answers.iter().zip(&shown).take(count) {
            assert_eq!(answer.fields, shown.fields);
            assert_eq!(answer.name(&names), Some(name));
        }
    }
}

#[test]
fn a_buffer_has_a_size_and_a_place() {
    let mut buffer = [0; 7];
    assert_eq!(room(&buffer), 7);
    assert_eq!(address_of(&mut buffer), (&raw const buffer).addr() as u64);
    assert_eq!((room(&[]), address_of(&mut [])), (0, 0));
}

#[test]
fn a_probe_is_mapped_until_it_goes() {
    let folder = Folder::new("probe");
    let path = folder.write("probed", "text");
    let probe = Probe::map(File::open(&path).unwrap()).unwrap();
    let shown = || {
        let mut shown = mappings(&fs::read("/proc/self/maps").unwrap());
        let path = path.as_os_str().as_encoded_bytes();
        shown.retain(|it| it.name.as_ref().is_some_and(|it| it.as_bytes() == path));
        shown
    };
    let [mapping] = &shown()[..] else {
        panic!("it is mapped once")
    };
    assert_eq!(mapping.fields.begin_address, probe.address());
    assert_eq!(mapping.fields.permissions.as_str(), "---p");
    drop(probe);
    assert!(shown().is_empty());
}
