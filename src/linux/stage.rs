//! What tests of a live system start and write: a process that stands still, and a
//! folder in which files can stand in for those of procfs.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::io::Errno;

use crate::formats::elf::Segment;
use crate::formats::elf::writer::Writer;
use crate::formats::lines::Lines;
use crate::formats::maps::records;
use crate::linux::filter::Filter;
use crate::linux::lookup::Lookup;
use crate::linux::process::Process;
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

/// A process, asked in the way that the kernel has, and by the text alone.
pub(super) fn both_ways(path: &ProcessPath) -> [Process; 2] {
    [true, false].map(|use_query| Process::open(path, use_query).unwrap())
}

/// What the system says is wrong.
pub(super) fn errno<T>(result: io::Result<T>) -> Option<Errno> {
    Errno::from_io_error(&result.map(drop).unwrap_err())
}

/// Filters that admit all, some and few of a process's mappings.
pub(super) fn filters() -> [Filter; 7] {
    let all = Filter::default();
    let with = |change: fn(&mut Filter)| {
        let mut filter = all;
        change(&mut filter);
        filter
    };
    [
        all,
        with(|filter| filter.writable = Some(false)),
        with(|filter| filter.writable = Some(true)),
        with(|filter| filter.executable = Some(false)),
        with(|filter| filter.executable = Some(true)),
        with(|filter| filter.file_backed = Some(false)),
        with(|filter| filter.file_backed = Some(true)),
    ]
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
        let mut file = Writer::new(true, is_big_endian);
        file.header(self.kind.into(), 2, 0);
        let (kind, size) = self.segment;
        let note = (self.build_id.len() as u64).saturating_add(16);
        for (kind, offset, size) in [(kind, 0, size), (4, 64 + 2 * 56, note)] {
            file.segment(Segment {
                kind,
                flags: 4,
                offset,
                address: offset,
                file_size: size,
                memory_size: size,
                alignment: 4,
            });
        }
        file.note(b"GNU\0", 3, self.build_id);
        file.bytes
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

    /// With a process 7, whose first thread has ended, and whose second one, 8, has not.
    pub(super) fn of_two_threads(name: &str, text: &str) -> Self {
        let folder = Self::new(name);
        folder.write("7/maps", "");
        folder.write("7/task/7/maps", "");
        folder.write("7/task/7/statm", "0 0 0 0 0 0 0\n");
        folder.write("7/task/8/maps", text);
        folder
    }

    /// With a process 7 that has the memory of its parent, 5.
    pub(super) fn of_sharing_child(name: &str) -> Self {
        let folder = Self::new(name);
        folder.write("7/stat", stat(7, 1));
        folder.write("5/stat", stat(5, 1));
        folder
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
