use super::*;
use crate::linux::stage::{Elf, Folder};

const ID: [u8; 20] = *b"twenty bytes of hash";

/// What stands in a file of these bytes.
fn read<T>(name: &str, bytes: &[u8], read: fn(&File) -> io::Result<T>) -> T {
    let folder = Folder::new(name);
    let path = folder.write("file", bytes);
    read(&File::open(path).unwrap()).unwrap()
}

#[test]
fn programs_and_libraries_of_this_machine_have_a_build_id() {
    let id = |elf: Elf<'_>| read("elf-id", &elf.bytes(), build_id);
    // A relocatable file, a program, a library, a core file.
    for (kind, has_id) in [(1, false), (2, true), (3, true), (4, false)] {
        let elf = |is_native_endian| Elf {
            kind,
            is_native_endian,
            ..Elf::library(&ID)
        };
        assert_eq!(id(elf(true)), has_id.then(|| ID.to_vec()), "{kind}");
        assert_eq!(id(elf(false)), None, "{kind}");
    }
    let whole = Elf::library(&ID).bytes();
    assert_eq!(read("elf-id", b"text", build_id), None);
    assert_eq!(read("elf-id", &whole[..100], build_id), None);
}

#[test]
fn what_is_loaded_lies_in_the_file() {
    let size = Elf::library(&ID).bytes().len() as u64;
    for (segment, count) in [
        ((1, size), Some(1)),
        ((1, size + 1), None),
        ((1, u64::MAX), None),
        // Nothing to load, in the file or not.
        ((0, size), None),
        ((0, size + 1), None),
    ] {
        let elf = Elf {
            segment,
            ..Elf::library(&ID)
        };
        let loads = read("elf-loads", &elf.bytes(), load_segments);
        assert_eq!(loads.as_ref().map(|loads| loads.len()), count);
        for load in loads.iter().flat_map(|loads| loads.iter()) {
            assert_eq!((load.kind, load.file_size), segment);
        }
    }
    assert_eq!(read("elf-loads", b"text", load_segments), None);
}

#[test]
fn what_the_system_says_is_said() {
    // A directory can't be read.
    let directory = File::open("/").unwrap();
    let is_directory = io::ErrorKind::IsADirectory;
    assert_eq!(build_id(&directory).unwrap_err().kind(), is_directory);
    assert_eq!(load_segments(&directory).unwrap_err().kind(), is_directory);
}
