use std::fs;
use std::os::unix::fs::MetadataExt;

use super::*;
use crate::linux::stage::{Folder, errno, mappings};
use crate::mapping::{OwnedMapping, Spelling};
use rustix::fs::{MemfdFlags, fcntl_getfl};
use rustix::io::{FdFlags, fcntl_getfd};

fn directory(path: &Path) -> OwnedFd {
    rustix::fs::open(path, OFlags::PATH, Mode::empty()).unwrap()
}

/// A mapping that would be of the file at a path.
fn mapping_of(path: &Path) -> OwnedMapping {
    let stat = rustix::fs::stat(path).unwrap();
    let line = b"1000-2000 r--p 00000000 00:00 0";
    let mut fields = crate::formats::maps::line::parse(line).unwrap().fields;
    (fields.device, fields.inode) = (device_of(&stat), stat.st_ino);
    let name = path.as_os_str().as_bytes();
    OwnedMapping::new(fields, Some(name), Spelling::Raw).unwrap()
}

/// Finds the file of a mapping in a folder that stands in for that of a process.
fn locate_in(folder: &Path, mapping: &OwnedMapping) -> io::Result<MappedFile> {
    let wanted = Wanted {
        fields: &mapping.fields,
        name: mapping.name.as_ref().unwrap(),
        root: &ProcRoot::default(),
        directory: &directory(folder),
    };
    locate(&wanted, |_| Ok(false))
}

fn path_in(folder: &Folder, mapping: &OwnedMapping) -> Option<String> {
    let file = locate_in(&folder.path().join("7"), mapping).ok()?;
    Some(file.path().to_str().unwrap().to_owned())
}

#[test]
fn a_file_is_found_by_its_numbers() {
    let folder = Folder::new("numbers");
    let path = folder.write("7/file", "text");
    let other = folder.write("7/other", "text");
    let mapping = mapping_of(&path);
    let here = path.to_str().unwrap().to_owned();
    // Nothing but the path leads there.
    assert_eq!(path_in(&folder, &mapping), Some(here.clone()));
    folder.link("7/root", "/");
    assert_eq!(path_in(&folder, &mapping), Some(format!("root{here}")));
    folder.link("7/exe", &path);
    assert_eq!(path_in(&folder, &mapping), Some("exe".to_owned()));
    // A link that leads elsewhere does not count.
    folder.link("7/map_files/1000-2000", &other);
    assert_eq!(path_in(&folder, &mapping), Some("exe".to_owned()));
    fs::remove_file(folder.path().join("7/map_files/1000-2000")).unwrap();
    folder.link("7/map_files/1000-2000", &path);
    let link = Some("map_files/1000-2000".to_owned());
    assert_eq!(path_in(&folder, &mapping), link);
    let (mut device, mut inode) = (mapping_of(&path), mapping_of(&path));
    device.fields.device.minor += 1;
    inode.fields.inode += 1;
    for wrong in [device, inode] {
        assert_eq!(
            errno(locate_in(&folder.path().join("7"), &wrong)),
            Some(Errno::NOENT)
        );
    }
}

#[test]
fn only_files_and_devices_are_mapped() {
    let folder = Folder::new("mapped");
    let path = folder.path().join("fifo");
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &path, fifo, Mode::RWXU, 0).unwrap();
    for path in [&path, folder.path()] {
        assert_eq!(
            errno(locate_in(folder.path(), &mapping_of(path))),
            Some(Errno::NOENT)
        );
    }
    let zero = mapping_of(Path::new("/dev/zero"));
    assert!(!locate_in(folder.path(), &zero).unwrap().is_regular());
    let file = mapping_of(&folder.write("file", ""));
    assert!(locate_in(folder.path(), &file).unwrap().is_regular());
    // One with the numbers of another device is not opened to be compared: without a
    // terminal that would be refused.
    let mut terminal = mapping_of(Path::new("/dev/tty"));
    terminal.fields.device.minor += 1;
    assert_eq!(
        errno(locate_in(folder.path(), &terminal)),
        Some(Errno::NOENT)
    );
}

#[test]
fn a_file_is_opened_as_it_was_asked_for() {
    let folder = Folder::new("asked-for");
    let mapping = mapping_of(&folder.write("file", "text"));
    let found = locate_in(folder.path(), &mapping).unwrap();
    let flags = |file: &OwnedFd| fcntl_getfl(file).unwrap();
    assert!(flags(&found.place).contains(OFlags::PATH));
    let root = ProcRoot::default();
    let file = OwnedFd::from(found.open(&root).unwrap());
    let at_once = OwnedFd::from(found.open_at_once(&root).unwrap());
    assert!(!flags(&file).contains(OFlags::NONBLOCK));
    assert!(flags(&at_once).contains(OFlags::NONBLOCK));
    for file in [&found.place, &file, &at_once] {
        assert_eq!(fcntl_getfd(file).unwrap(), FdFlags::CLOEXEC);
    }
    let file = File::from(at_once);
    assert_eq!(file.metadata().unwrap().ino(), mapping.fields.inode);
}

#[test]
fn a_file_lies_where_its_name_says_or_might_say() {
    let paths_of = |name: &[u8]| -> Vec<Vec<u8>> {
        let name = Name::new(name, Spelling::Printed).unwrap();
        let paths = paths(&name).unwrap();
        paths.into_iter().map(Cow::into_owned).collect()
    };
    assert_eq!(paths_of(b"/a/b"), [b"/a/b"]);
    assert_eq!(paths_of(b"/a (deleted)"), [&b"/a"[..], b"/a (deleted)"]);
    assert_eq!(paths_of(b"/a\\012b"), [&b"/a\nb"[..], b"/a\\012b"]);
    assert!(paths_of(b"[heap]").is_empty());
    assert_eq!(concat(b"root", b"/a").unwrap(), b"root/a");
    let long = [b'/'; PATH_MAX];
    assert_eq!(
        errno(MappedFile::at(&directory(Path::new("/")), &long)),
        Some(Errno::NAMETOOLONG)
    );
    assert!(MappedFile::at(&directory(Path::new("/")), &long[1..]).is_ok());
}

#[test]
fn the_device_that_maps_show() {
    let root = ProcRoot::default();
    // Memory is no file of the device that this program lies on.
    let memory: File = rustix::fs::memfd_create("device-of", MemfdFlags::CLOEXEC)
        .unwrap()
        .into();
    let _probe = Probe::map(&memory).unwrap();
    let maps = mappings(&fs::read("/proc/self/maps").unwrap());
    let shown = maps.iter().find(|mapping| {
        let name = mapping.name.as_ref().map(Name::as_bytes);
        name == Some(b"/memfd:device-of (deleted)")
    });
    let device = device_when_mapped(&memory, &root).unwrap();
    assert_eq!(device, Some(shown.unwrap().fields.device));
    let unmappable = File::open("/").unwrap();
    assert_eq!(device_when_mapped(&unmappable, &root).unwrap(), None);
}

#[test]
fn a_file_is_mapped_to_be_compared_where_devices_differ() {
    let folder = Folder::new("compared");
    let path = folder.write("file", "text");
    let (root, mut mapping) = (ProcRoot::default(), mapping_of(&path));
    let mut file = locate_in(folder.path(), &mapping).unwrap();
    // As on btrfs: fstat(2) has a device of its own for the file.
    let shown = device_when_mapped(&File::open(path).unwrap(), &root);
    let shown = shown.unwrap().unwrap();
    file.stat.st_dev = rustix::fs::makedev(shown.major, shown.minor + 1);
    for (minor, is_alike) in [(shown.minor, true), (shown.minor + 2, false)] {
        mapping.fields.device = Device { minor, ..shown };
        let wanted = Wanted {
            fields: &mapping.fields,
            name: mapping.name.as_ref().unwrap(),
            root: &root,
            directory: &directory(folder.path()),
        };
        let likeness = wanted.compare(&file).unwrap();
        assert_eq!(matches!(likeness, Likeness::Alike(_)), is_alike);
        assert!(!matches!(likeness, Likeness::Same));
    }
}
