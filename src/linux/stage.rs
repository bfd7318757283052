//! What tests of a live system start and write: a process that stands still, and a
//! folder in which files can stand in for those of procfs.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::formats::lines::Lines;
use crate::formats::maps::records;
use crate::linux::lookup::Lookup;
use crate::linux::procfs::{ProcRoot, ProcessPath};
use crate::linux::query::query;
use crate::mapping::{OwnedMapping, Spelling};

/// The number of this process.
pub(super) fn own_pid() -> i32 {
    std::process::id().try_into().unwrap()
}

/// A process of this machine.
pub(super) fn process(pid: i32) -> ProcessPath {
    ProcessPath::new(ProcRoot::default(), pid)
}

/// Whether the kernel answers `PROCMAP_QUERY`.
pub(super) fn has_query() -> bool {
    let maps = fs::File::open("/proc/self/maps").unwrap();
    query(maps, 0, Lookup::CoveringOrNext, &mut [], &mut []).is_ok()
}

/// The mappings of a text, in its order.
pub(super) fn mappings(text: &[u8]) -> Vec<OwnedMapping> {
    let records = records(Lines::from_kernel(text)).map(Result::unwrap);
    let owned =
        records.map(|record| OwnedMapping::new(record.fields, record.pathname, Spelling::Printed));
    owned.map(Result::unwrap).collect()
}

/// The `stat` of a child of process 5 that has executed no program, flag 0x40, and whose
/// address space has its code in a place.
pub(super) fn stat(pid: i32, place: u64) -> String {
    let zeros = ["0"; 16].join(" ");
    format!("{pid} (a) S 5 0 0 0 0 64 {zeros} {place} 2 3 {zeros} 4 5 6 7\n")
}

/// An ELF file of two segments: one to load, and one with a build ID.
pub(super) struct Elf<'a> {
    /// 2 for a program, 3 for a library.
    pub(super) kind: u16,
    pub(super) is_native_endian: bool,
    /// The first segment: of type 1, and of as many bytes, it is loaded.
    pub(super) segment: (u32, u64),
    pub(super) build_id: &'a [u8],
}

impl<'a> Elf<'a> {
    pub(super) fn library(build_id: &'a [u8]) -> Self {
        Self {
            kind: 3,
            is_native_endian: true,
            segment: (1, 64),
            build_id,
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let is_big_endian = cfg!(target_endian = "big") == self.is_native_endian;
        let mut bytes = b"\x7fELF\x02_\x01\0\0\0\0\0\0\0\0\0".to_vec();
        bytes[5] = if is_big_endian { 2 } else { 1 };
        let mut numbers = |size: usize, values: &[u64]| {
            for value in values {
                let little = &value.to_le_bytes()[..size];
                if is_big_endian {
                    bytes.extend(little.iter().rev());
                } else {
                    bytes.extend(little);
                }
            }
        };
        numbers(2, &[self.kind.into(), 62]);
        numbers(4, &[1]);
        numbers(8, &[0, 64, 0]);
        numbers(4, &[0]);
        numbers(2, &[64, 56, 2, 64, 0, 0]);
        let (kind, size) = self.segment;
        let id = self.build_id.len() as u64;
        let note = id.saturating_add(16);
        for (kind, offset, size) in [(kind, 0, size), (4, 176, note)] {
            numbers(4, &[kind.into(), 4]);
            numbers(8, &[offset, offset, 0, size, size, 4]);
        }
        numbers(4, &[4, id, 3]);
        bytes.extend(b"GNU\0");
        bytes.extend(self.build_id);
        bytes
    }
}

/// A process that waits for input, so that its maps stay as they are.
pub(super) struct Child(std::process::Child);

impl Child {
    pub(super) fn start() -> Self {
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Once it has answered it has all its libraries.
        let mut answer = [0];
        child.stdin.as_mut().unwrap().write_all(b"a").unwrap();
        let output = child.stdout.as_mut().unwrap();
        output.read_exact(&mut answer).unwrap();
        Self(child)
    }

    pub(super) fn pid(&self) -> i32 {
        self.0.id().try_into().unwrap()
    }

    pub(super) fn path(&self) -> ProcessPath {
        process(self.pid())
    }

    /// What the kernel shows of it.
    pub(super) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path().file(name)).unwrap()
    }

    /// Ends it, without waiting for it.
    pub(super) fn become_zombie(&mut self) {
        self.0.kill().unwrap();
        while !String::from_utf8_lossy(&self.read("stat")).contains(") Z ") {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Ends it, and waits for it.
    pub(super) fn end(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end();
    }
}

/// A folder that goes with the test.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The name is that of the test, no other has it.
    pub(super) fn new(name: &str) -> Self {
        let name = format!("procmaps-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // A process of the same number may have been killed in its tests.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        // Maps name files without links in their paths.
        Self(path.canonicalize().unwrap())
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// A process in it, as if procfs were mounted there.
    pub(super) fn process(&self, pid: i32) -> ProcessPath {
        ProcessPath::new(ProcRoot::new(&self.0).unwrap(), pid)
    }

    /// Puts a file in it, at once, in place of the one that was there.
    pub(super) fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let new = self.0.join("new");
        fs::write(&new, text).unwrap();
        let path = self.place(path);
        fs::rename(new, &path).unwrap();
        path
    }

    /// Puts a link in it.
    pub(super) fn link(&self, path: &str, target: impl AsRef<Path>) {
        symlink(target, self.place(path)).unwrap();
    }

    /// Puts a link in it that can't be followed: it leads to itself.
    pub(super) fn loop_at(&self, path: &str) {
        self.link(path, self.0.join(path));
    }

    fn place(&self, path: &str) -> PathBuf {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}
