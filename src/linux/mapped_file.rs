//! The file behind a mapping of another process, which may live in another mount
//! namespace, and the file may be deleted.
//!
//! `/proc/<pid>/map_files` has a link for every mapping, also of deleted files,
//! and takes `CAP_CHECKPOINT_RESTORE` to follow (`proc_map_files_get_link` in
//! `fs/proc/base.c`); `/proc/<pid>/root` is the root directory of the process.
//! What is found in either way counts only if it is the mapped file.

use std::borrow::Cow;
use std::collections::TryReserveError;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{FileType, Mode, OFlags, Stat, fstat, major, minor};
use rustix::io::Errno;

use crate::formats::lines::Lines;
use crate::formats::maps::records;
use crate::linux::procfs::ProcRoot;
use crate::linux::query::Probe;
use crate::linux::reading;
use crate::mapping::Name;
use crate::mapping::name::{DELETED, unescape};
use crate::mapping::{Device, Fields};

/// A file that was found, not opened yet: nothing is told to a device.
#[derive(Debug)]
pub(super) struct MappedFile {
    place: OwnedFd,
    stat: Stat,
}

/// Finds the file of a mapping in the directory of a process or thread.
///
/// # Errors
///
/// Where nothing else is found, what refused to follow a link; else ENOENT.
pub(super) fn locate(
    root: &ProcRoot,
    directory: &OwnedFd,
    fields: &Fields,
    name: &Name,
) -> io::Result<MappedFile> {
    let range = format!("{:x}-{:x}", fields.begin_address, fields.end_address);
    let link = format!("map_files/{range}").into_bytes();
    let paths = paths(name)?;
    let in_root = paths.iter().map(|path| [b"root", path.as_ref()].concat());
    let mut refusal = None;
    for place in std::iter::once(link).chain(in_root) {
        match MappedFile::at(root, directory, &place, fields) {
            Ok(Some(file)) => return Ok(file),
            Ok(None) => {}
            Err(error) => match Errno::from_io_error(&error) {
                Some(Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG | Errno::LOOP) => {}
                Some(Errno::PERM | Errno::ACCESS) => refusal = refusal.or(Some(error)),
                _ => return Err(error),
            },
        }
    }
    Err(refusal.unwrap_or_else(|| Errno::NOENT.into()))
}

/// Where the file can lie, the likeliest place first: text can't tell a newline
/// from the four characters that stand for it, nor the mark of a deleted file
/// from the end of a name.
fn paths(name: &Name) -> Result<Vec<Cow<'_, [u8]>>, TryReserveError> {
    let certain = name.path().map(Cow::Borrowed);
    let name = name.as_bytes();
    let live = name.strip_suffix(DELETED).unwrap_or(name);
    let guesses = [unescape(live)?, live.into(), unescape(name)?, name.into()];
    let mut paths = Vec::new();
    for path in certain.into_iter().chain(guesses) {
        if path.starts_with(b"/") && !paths.contains(&path) {
            paths.push(path);
        }
    }
    Ok(paths)
}

impl MappedFile {
    /// The file at a place, if it is the one that is mapped.
    fn at(
        root: &ProcRoot,
        directory: &OwnedFd,
        place: &[u8],
        fields: &Fields,
    ) -> io::Result<Option<Self>> {
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        let place = rustix::fs::openat(directory, OsStr::from_bytes(place), flags, Mode::empty())?;
        let stat = fstat(&place)?;
        let file = Self { place, stat };
        Ok(file.is_source_of(root, fields)?.then_some(file))
    }

    /// Whether it is a regular file, no device.
    pub(super) fn is_regular(&self) -> bool {
        FileType::from_raw_mode(self.stat.st_mode).is_file()
    }

    /// Opens the file for reading.
    pub(super) fn open(&self, root: &ProcRoot) -> io::Result<File> {
        let descriptor = format!("fd/{}", self.place.as_raw_fd());
        let place = root.own_thread().join(descriptor);
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY;
        Ok(rustix::fs::open(place, flags, Mode::empty())?.into())
    }

    /// Whether device and inode are those of a mapping.
    fn is_source_of(&self, root: &ProcRoot, fields: &Fields) -> io::Result<bool> {
        // A freed inode is soon that of something else, and opening a FIFO blocks.
        let kind = FileType::from_raw_mode(self.stat.st_mode);
        if !(kind.is_file() || kind.is_char_device() || kind.is_block_device()) {
            return Ok(false);
        }
        if device_of(&self.stat) == fields.device && self.stat.st_ino == fields.inode {
            return Ok(true);
        }
        // On btrfs and overlay file systems fstat(2) gives other numbers than the
        // maps do, so the file is mapped and found in the maps of this process.
        if !self.is_regular() {
            return Ok(false);
        }
        let probe = match Probe::map(self.open(root)?) {
            Err(Errno::NODEV) => return Ok(false),
            probe => probe?,
        };
        // The maps of this thread: those of the first one are empty once it has ended.
        let mut maps = Vec::new();
        let file = reading::open(&root.own_thread().join("maps"))?;
        reading::read_to_end(&file, &mut maps)?;
        let mapped = records(Lines::from_kernel(&maps))
            .flatten()
            .find(|record| record.fields.begin_address == probe.address());
        Ok(mapped.is_some_and(|mapped| {
            mapped.fields.device == fields.device && mapped.fields.inode == fields.inode
        }))
    }
}

/// The device that a file lies on.
pub(super) fn device_of(stat: &Stat) -> Device {
    Device {
        major: major(stat.st_dev),
        minor: minor(stat.st_dev),
    }
}
