use super::*;
use crate::formats::elf::Segment;
use crate::linux::lookup::Lookup;
use crate::linux::stage::{Child, both_ways, has_query, own_pid, process};

fn own() -> [Process; 2] {
    both_ways(&process(own_pid()))
}

#[test]
fn code_is_found_in_the_file_of_this_program() {
    let address = own as fn() -> [Process; 2] as usize as u64;
    let program = std::fs::read_link("/proc/self/exe").unwrap();
    for process in own() {
        let found = process.find(address, Lookup::Covering).unwrap().unwrap();
        let segments = process.load_segments(&found).unwrap().unwrap();
        assert!(segments.iter().all(Segment::is_load));
        let name = found.name.unwrap();
        assert_eq!(name.as_bytes(), program.as_os_str().as_encoded_bytes());
        assert!(found.fields.permissions.is_executable());
        let mut file = process.open_source(&found.fields, &name).unwrap();
        let mut magic = [0; 4];
        io::Read::read_exact(&mut file, &mut magic).unwrap();
        assert_eq!(magic, *b"\x7fELF");
    }
}

#[test]
fn nothing_is_mapped_at_zero() {
    for process in own() {
        assert_eq!(process.find(0, Lookup::Covering).unwrap(), None);
        let first = process.find(0, Lookup::CoveringOrNext).unwrap().unwrap();
        let begin = format!("{:x}-", first.fields.begin_address);
        assert!(process.text().unwrap().starts_with(begin.as_bytes()));
    }
}

#[test]
fn text_is_read_only_when_queries_are_unwanted() {
    let [_, by_text] = own();
    assert!(!by_text.is_query_supported());
}

#[test]
fn a_process_tells_what_was_opened() {
    let mut child = Child::start();
    let process = Process::open(&child.path(), true).unwrap();
    assert_eq!(process.is_query_supported(), has_query());
    assert!(process.had_maps());
    let maps = child.read("maps");
    assert_eq!(process.text().unwrap(), maps);
    assert_eq!(process.read_beside("maps").unwrap(), maps);
    assert_eq!(read_file(&child.path(), "maps").unwrap(), maps);
    assert_eq!(process.root.path(), ProcRoot::default().path());
    child.become_zombie();
    assert!(!Process::open(&child.path(), true).unwrap().had_maps());
}
