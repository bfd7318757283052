use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::*;
use crate::linux::query::Probe;
use crate::linux::stage::{Child, Elf, Folder, both_ways, errno, has_query, own_pid, process};
use crate::mapping::{Device, Spelling};

const ID: [u8; 20] = *b"twenty bytes of hash";

/// This process as a folder shows it that has its maps, and nothing else but what it
/// is given.
fn both_ways_in(folder: &Folder) -> [Process; 2] {
    folder.link("7/maps", process(own_pid()).file("maps"));
    both_ways(&folder.process(7))
}

/// A file that is mapped, for as long as the probe is.
fn map(path: &Path) -> (Probe, OwnedMapping) {
    let probe = Probe::map(File::open(path).unwrap()).unwrap();
    let [_, process] = both_ways(&process(own_pid()));
    let found = process.find(probe.address(), Lookup::Covering).unwrap();
    (probe, found.unwrap())
}

/// Whether maps show the device that stat(2) does, which on btrfs they don't: there it
/// takes rights or the kernel's answer to find a file.
fn is_plain(path: &Path, mapping: &OwnedMapping) -> bool {
    device_of(&stat(path).unwrap()) == mapping.fields.device
}

fn named(name: &str, fields: Fields) -> OwnedMapping {
    OwnedMapping::new(fields, Some(name.as_bytes()), Spelling::Printed).unwrap()
}

/// The file that an error is about, where it was not found.
fn not_found<T: std::fmt::Debug>(result: io::Result<T>) -> Vec<u8> {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    let inner = error.into_inner().unwrap();
    inner.downcast::<FileError>().unwrap().name
}

#[test]
fn a_mapped_file_tells_of_itself() {
    let folder = Folder::new("tells");
    let path = folder.write("library", Elf::library(&ID).bytes());
    let inode = fs::metadata(&path).unwrap().ino();
    let (_probe, mapping) = map(&path);
    if !is_plain(&path, &mapping) {
        return;
    }
    let (_zero, zero) = map(Path::new("/dev/zero"));
    let stat = stat("/dev/tty").unwrap();
    let fields = Fields {
        device: device_of(&stat),
        inode: stat.st_ino,
        ..zero.fields
    };
    let terminal = named("/dev/tty", fields);
    for process in both_ways(&process(own_pid())) {
        assert_eq!(process.build_id(&mapping).unwrap(), Some(ID.to_vec()));
        let loads = process.load_segments(&mapping).unwrap().unwrap();
        assert_eq!(loads.len(), 1);
        let name = mapping.name.as_ref().unwrap();
        let opened = process.open_source(&mapping.fields, name).unwrap();
        assert_eq!(opened.metadata().unwrap().ino(), inode);
        let path = process.path_of(&mapping.fields, name).unwrap();
        assert!(path.starts_with(process.root.path()));
        assert_eq!(fs::metadata(path).unwrap().ino(), inode);
        // A device is no program. It is not opened: a terminal can't be read as a file.
        for device in [&zero, &terminal] {
            assert_eq!(process.build_id(device).unwrap(), None);
            assert_eq!(process.load_segments(device).unwrap(), None);
        }
    }
}

#[test]
fn a_file_is_found_in_the_root_directory_of_the_process() {
    let folder = Folder::new("root-of");
    let path = folder.write("file", "text");
    let (_probe, mapping) = map(&path);
    if !is_plain(&path, &mapping) {
        return;
    }
    let name = mapping.name.as_ref().unwrap();
    folder.link("7/root", "/");
    for process in both_ways_in(&folder) {
        let below = path.strip_prefix("/").unwrap();
        let expected = folder.path().join("7/root").join(below);
        assert_eq!(process.path_of(&mapping.fields, name).unwrap(), expected);
    }
}

#[test]
fn of_a_file_that_is_not_found_the_kernel_tells() {
    let folder = Folder::new("not-found");
    let library = folder.write("library", Elf::library(&ID).bytes());
    let text = folder.write("text", "text");
    let (_library, mapping) = map(&library);
    let (_text, other) = map(&text);
    fs::remove_file(&library).unwrap();
    fs::remove_file(&text).unwrap();
    let (library, text) = (&mapping, &other);
    let name = library.name.as_ref().unwrap();
    // It is asked about what lies outside of /dev alone.
    let is_asked = has_query() && is_named_as_regular(name, &library.fields);
    let [asked, read] = both_ways_in(&folder);
    if is_asked {
        assert_eq!(asked.build_id(library).unwrap(), Some(ID.to_vec()));
        assert_eq!(asked.build_id(text).unwrap(), None);
    }
    assert_eq!(not_found(read.build_id(library)), name.as_bytes());
    let device = named("/dev/library", library.fields);
    assert_eq!(not_found(asked.build_id(&device)), b"/dev/library");
    let inode = library.fields.inode + 1;
    let other = named(
        "/other",
        Fields {
            inode,
            ..library.fields
        },
    );
    assert_eq!(not_found(asked.build_id(&other)), b"/other");
    assert_eq!(
        not_found(asked.path_of(&library.fields, name)),
        name.as_bytes()
    );
}

#[test]
fn of_a_file_that_is_not_opened_the_kernel_tells() {
    let folder = Folder::new("not-opened");
    let (_probe, mapping) = map(&folder.write("library", Elf::library(&ID).bytes()));
    // Files are opened by the descriptors of this thread, which this folder lacks.
    folder.write("thread-self/status", "");
    let [asked, read] = both_ways_in(&folder);
    assert_eq!(asked.load_segments(&mapping).unwrap(), None);
    let name = mapping.name.as_ref().unwrap();
    if has_query() && is_named_as_regular(name, &mapping.fields) {
        assert_eq!(asked.build_id(&mapping).unwrap(), Some(ID.to_vec()));
    }
    assert_eq!(not_found(read.build_id(&mapping)), name.as_bytes());
}

#[test]
fn a_file_is_the_mapped_one_if_the_kernel_reads_its_build_id() {
    let folder = Folder::new("same-id");
    let path = folder.write("library", Elf::library(&ID).bytes());
    let (_probe, mapping) = map(&path);
    let other = folder.write("other", Elf::library(b"other").bytes());
    let text = folder.write("text", "text");
    let mut fields = mapping.fields;
    fields.inode += 1;
    for (process, is_asked) in both_ways(&process(own_pid()))
        .iter()
        .zip([has_query(), false])
    {
        for (path, fields, is_mapped) in [
            (&path, &mapping.fields, is_asked),
            (&path, &fields, false),
            (&other, &mapping.fields, false),
            (&text, &mapping.fields, false),
        ] {
            let file = File::open(path).unwrap();
            let is = process.has_build_id_of(fields, &file).unwrap();
            assert_eq!(is, is_mapped, "{path:?} {fields:?}");
        }
    }
}

#[test]
fn the_program_is_named_without_the_mark_of_a_deleted_file() {
    let mut child = Child::start();
    let held = Process::open(&child.path(), true).unwrap();
    let program = fs::read_link(child.path().file("exe")).unwrap();
    assert_eq!(held.program().unwrap(), program.into_os_string().into_vec());
    child.end();
    assert_eq!(errno(held.program()), Some(Errno::SRCH));
    let folder = Folder::new("program");
    folder.link("7/exe", "/nowhere/program (deleted)");
    for process in both_ways_in(&folder) {
        assert_eq!(process.program().unwrap(), b"/nowhere/program");
    }
}

#[test]
fn names_tell_what_can_be_a_regular_file() {
    let devices = device_of(&stat("/dev").unwrap());
    let line = b"1000-2000 r--p 00000000 00:00 7";
    let mut fields = crate::formats::maps::line::parse(line).unwrap().fields;
    for (name, can_be, is_named) in [
        ("/usr/lib/libc.so.6", true, true),
        ("/memfd:a (deleted)", true, true),
        ("/dev/zero", true, false),
        ("/secretmem (deleted)", false, true),
        ("[heap]", false, true),
        ("socket:[7]", false, true),
    ] {
        fields.device = devices;
        let name = named(name, fields).name.unwrap();
        assert_eq!(can_be_regular(&name), can_be, "{name:?}");
        assert!(!is_named_as_regular(&name, &fields), "{name:?}");
        fields.device.minor += 1;
        assert_eq!(is_named_as_regular(&name, &fields), is_named, "{name:?}");
    }
    let has_name = |mapping: &OwnedMapping| name_of_regular(mapping).is_some();
    assert!(has_name(&named("/a", fields)));
    assert!(!has_name(&named("socket:[7]", fields)));
    (fields.device, fields.inode) = (Device::NONE, 0);
    assert!(!has_name(&named("/a", fields)));
    assert!(!has_name(
        &OwnedMapping::new(fields, None, Spelling::Raw).unwrap()
    ));
}
