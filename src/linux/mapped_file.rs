//! The file behind a mapping of another process, which may live in another mount
//! namespace, and the file may be deleted.
//!
//! `/proc/<pid>/map_files` has a link for every mapping, also of deleted files,
//! and takes `CAP_CHECKPOINT_RESTORE` to follow (`proc_map_files_get_link` in
//! `fs/proc/base.c`); `/proc/<pid>/root` is the root directory of the process.
//! What is found in any way counts only if it is the mapped file.
//!
//! Which file that is, a mapping tells by the device of the file system and the
//! inode. On btrfs, and on an overlay of several file systems, these are not enough:
//! files of different subvolumes or layers have the same numbers, and fstat(2) tells
//! them apart by devices that no mapping shows. There a link counts if it leads to
//! the name of the mapping, and a path if the kernel reads the same build ID from the
//! mapping as stands in the file.

use std::borrow::Cow;
use std::collections::TryReserveError;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, Stat, fstat, major, minor, readlinkat};
use rustix::io::Errno;

use crate::formats::lines::Lines;
use crate::formats::maps::records;
use crate::linux::procfs::ProcRoot;
use crate::linux::query::Probe;
use crate::linux::reading;
use crate::mapping::Name;
use crate::mapping::name::{DELETED, escape, unescape};
use crate::mapping::{Device, Fields};

/// From this length on Linux takes no path.
const PATH_MAX: usize = 4096;

/// A file that was found, not opened yet: nothing is told to a device.
#[derive(Debug)]
pub(super) struct MappedFile {
    place: OwnedFd,
    stat: Stat,
    /// Its path, from the directory of the process where it is a relative one.
    path: Vec<u8>,
}

/// The mapping whose file is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) fields: &'a Fields,
    pub(super) name: &'a Name,
    /// Where procfs is mounted.
    pub(super) root: &'a ProcRoot,
    /// The directory of the process, or of one of its threads, in there.
    pub(super) directory: &'a OwnedFd,
}

/// Finds the file of a mapping. `is_mapped` says whether a file that may be another
/// one with the same numbers is that of the mapping.
///
/// # Errors
///
/// Where nothing else is found, what refused to follow a link; else ENOENT.
pub(super) fn locate(
    wanted: &Wanted<'_>,
    is_mapped: impl Fn(&File) -> io::Result<bool>,
) -> io::Result<MappedFile> {
    let Fields {
        begin_address: begin,
        end_address: end,
        ..
    } = wanted.fields;
    let mut refusal = None;
    let mut refused = |error: io::Error| match Errno::from_io_error(&error) {
        Some(Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG | Errno::LOOP) => Ok(()),
        Some(Errno::PERM | Errno::ACCESS) => {
            refusal.get_or_insert(error);
            Ok(())
        }
        _ => Err(error),
    };
    for link in [format!("map_files/{begin:x}-{end:x}"), "exe".to_owned()] {
        match wanted.at_link(&link) {
            Ok(Some(file)) => return Ok(file),
            Ok(None) => {}
            Err(error) => refused(error)?,
        }
    }
    // The name is printed for the root directory of this process, as far as the
    // file lies below it, else for that of the mount namespace.
    for path in paths(wanted.name)? {
        for path in [concat(b"root", &path)?.into(), path] {
            match wanted.at_path(&path, &is_mapped) {
                Ok(Some(file)) => return Ok(file),
                Ok(None) => {}
                Err(error) => refused(error)?,
            }
        }
    }
    Err(refusal.unwrap_or_else(|| Errno::NOENT.into()))
}

/// Two parts of a path as one.
fn concat(first: &[u8], second: &[u8]) -> Result<Vec<u8>, TryReserveError> {
    let mut path = Vec::new();
    path.try_reserve_exact(first.len().saturating_add(second.len()))?;
    path.extend_from_slice(first);
    path.extend_from_slice(second);
    Ok(path)
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

impl Wanted<'_> {
    /// The file that a link leads to, if it is the one that is mapped.
    fn at_link(&self, link: &str) -> io::Result<Option<MappedFile>> {
        let file = MappedFile::at(self.directory, link.as_bytes())?;
        let is_mapped = match self.compare(&file)? {
            Likeness::Same => true,
            Likeness::Other => false,
            Likeness::Alike(_) => {
                let target = readlinkat(self.directory, link, Vec::new())?;
                *escape(target.as_bytes())? == *self.name.as_bytes()
            }
        };
        Ok(is_mapped.then_some(file))
    }

    /// The file at a path, if it is the one that is mapped.
    fn at_path(
        &self,
        path: &[u8],
        is_mapped: impl Fn(&File) -> io::Result<bool>,
    ) -> io::Result<Option<MappedFile>> {
        let file = MappedFile::at(self.directory, path)?;
        let is_mapped = match self.compare(&file)? {
            Likeness::Same => true,
            Likeness::Other => false,
            Likeness::Alike(file) => is_mapped(&file)?,
        };
        Ok(is_mapped.then_some(file))
    }

    fn compare(&self, file: &MappedFile) -> io::Result<Likeness> {
        // A freed inode is soon that of something else, and opening a FIFO blocks.
        let kind = FileType::from_raw_mode(file.stat.st_mode);
        let is_mappable = kind.is_file() || kind.is_char_device() || kind.is_block_device();
        if !is_mappable || file.stat.st_ino != self.fields.inode {
            return Ok(Likeness::Other);
        }
        if device_of(&file.stat) == self.fields.device {
            return Ok(Likeness::Same);
        }
        if !kind.is_file() {
            return Ok(Likeness::Other);
        }
        let file = file.open(self.root)?;
        Ok(match device_when_mapped(&file, self.root)? {
            Some(device) if device == self.fields.device => Likeness::Alike(file),
            _ => Likeness::Other,
        })
    }
}

/// Whether a file is the one that is mapped, by its numbers.
enum Likeness {
    Same,
    /// If it is another one, then with the same numbers.
    Alike(File),
    Other,
}

/// The device that maps show for a file, where fstat(2) may give another one: the
/// file is mapped and found in the maps of this process.
fn device_when_mapped(file: &File, root: &ProcRoot) -> io::Result<Option<Device>> {
    let probe = match Probe::map(file) {
        Err(Errno::NODEV) => return Ok(None),
        probe => probe?,
    };
    // The maps of this thread: those of the first one are empty once it has ended.
    let mut maps = Vec::new();
    let file = reading::open(&root.own_thread().join("maps"))?;
    reading::read_to_end(&file, &mut maps)?;
    let mapped = records(Lines::from_kernel(&maps))
        .flatten()
        .find(|record| record.fields.begin_address == probe.address());
    Ok(mapped.map(|mapped| mapped.fields.device))
}

impl MappedFile {
    fn at(directory: &OwnedFd, path: &[u8]) -> io::Result<Self> {
        // The system would say so, but for a copy of any length with a NUL.
        if path.len() >= PATH_MAX {
            return Err(Errno::NAMETOOLONG.into());
        }
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        let place = rustix::fs::openat(directory, OsStr::from_bytes(path), flags, Mode::empty())?;
        let stat = fstat(&place)?;
        Ok(Self {
            place,
            stat,
            path: path.to_vec(),
        })
    }

    /// Its path, absolute or from the directory of the process.
    pub(super) fn path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.path))
    }

    /// Whether it is a regular file, no device.
    pub(super) fn is_regular(&self) -> bool {
        FileType::from_raw_mode(self.stat.st_mode).is_file()
    }

    /// Opens the file for reading.
    pub(super) fn open(&self, root: &ProcRoot) -> io::Result<File> {
        self.open_with(root, OFlags::empty())
    }

    /// Opens the file if that takes no time: whoever holds a lease on it (`F_SETLEASE`
    /// in fcntl(2)) could let others wait.
    pub(super) fn open_at_once(&self, root: &ProcRoot) -> io::Result<File> {
        self.open_with(root, OFlags::NONBLOCK)
    }

    fn open_with(&self, root: &ProcRoot, more: OFlags) -> io::Result<File> {
        let descriptor = format!("fd/{}", self.place.as_raw_fd());
        let place = root.own_thread().join(descriptor);
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | more;
        Ok(rustix::fs::open(place, flags, Mode::empty())?.into())
    }
}

/// The device that a file lies on.
pub(super) fn device_of(stat: &Stat) -> Device {
    Device {
        major: major(stat.st_dev),
        minor: minor(stat.st_dev),
    }
}

#[cfg(test)]
mod tests;
