//! Reading a file, any file, so that a signal can interrupt it.

use std::fs::File;
use std::io;
use std::path::Path;

/// How much room a read has at first: the maps of an ordinary process.
const FIRST_CAPACITY: usize = 64 * 1024;

/// A read that a signal can interrupt and that can then be resumed.
#[derive(Debug, Default)]
pub struct Reading {
    file: Option<File>,
    text: Vec<u8>,
}

impl Reading {
    /// Reads the file to its end, or to the first block that holds a NUL byte:
    /// that is no text, and a device such as `/dev/zero` has no end.
    ///
    /// # Errors
    ///
    /// What the system says; after `ErrorKind::Interrupted` a further call goes
    /// on where this one stopped. A long read interrupts itself now and then,
    /// because the system does not where there always is something to read.
    pub fn run(&mut self, path: &Path) -> io::Result<()> {
        let file = match self.file.take() {
            Some(file) => file,
            None => open(path)?,
        };
        let enough = self.text.len().saturating_add(BETWEEN_SIGNALS);
        let result = read_up_to(&file, &mut self.text, enough);
        if result.is_err() {
            self.file = Some(file);
        }
        result
    }

    /// All that was read.
    pub fn into_text(self) -> Vec<u8> {
        self.text
    }
}

/// Opens a file for reading, closed when this process executes another program.
///
/// # Errors
///
/// What the system says, `ErrorKind::Interrupted` included.
pub fn open(path: &Path) -> io::Result<File> {
    sys::open(path)
}

/// Opens a regular file for reading, without waiting for one: a FIFO or a terminal may
/// never have anything to read.
///
/// # Errors
///
/// What the system says, `ErrorKind::Interrupted` included; `ErrorKind::IsADirectory`
/// or `ErrorKind::InvalidInput` where it is no regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let file = sys::open_at_once(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() {
        Ok(file)
    } else if metadata.is_dir() {
        Err(io::ErrorKind::IsADirectory.into())
    } else {
        let reason = "not a regular file";
        Err(io::Error::new(io::ErrorKind::InvalidInput, reason))
    }
}

/// Appends what the file holds from its position on, to its end or to the first
/// block that holds a NUL byte.
///
/// # Errors
///
/// What the system says; after `ErrorKind::Interrupted` a further call goes on.
pub fn read_to_end(file: &File, text: &mut Vec<u8>) -> io::Result<()> {
    read_up_to(file, text, usize::MAX)
}

/// As [`read_to_end`], but interrupted when there is enough text.
fn read_up_to(file: &File, text: &mut Vec<u8>, enough: usize) -> io::Result<()> {
    loop {
        if text.len() >= enough {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let begin = text.len();
        if text.capacity().saturating_sub(begin) < MINIMUM_ROOM {
            text.try_reserve_exact(begin.max(FIRST_CAPACITY))?;
        }
        if sys::read(file, text)? == 0 {
            return Ok(());
        }
        let block = text.get(begin..).unwrap_or_default();
        if memchr::memchr(0, block).is_some() {
            return Ok(());
        }
    }
}

/// After how many bytes a read interrupts itself.
const BETWEEN_SIGNALS: usize = 1 << 26;

/// The kernel hands out at most a page of maps text per read.
const MINIMUM_ROOM: usize = 4096;

/// Unlike `std`, these report an interruption instead of trying again, so that
/// a caller can answer the signal.
#[cfg(unix)]
mod sys {
    use std::ffi::CString;
    use std::fs::File;
    use std::io;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    use rustix::buffer::spare_capacity;
    use rustix::fs::{Mode, OFlags};

    pub(super) fn open(path: &Path) -> io::Result<File> {
        open_with(path, OFlags::empty())
    }

    pub(super) fn open_at_once(path: &Path) -> io::Result<File> {
        open_with(path, OFlags::NONBLOCK)
    }

    fn open_with(path: &Path, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::RDONLY | OFlags::CLOEXEC;
        // A NUL ends a path for the system: it would open another file.
        let path = CString::new(path.as_os_str().as_bytes())?;
        Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
    }

    pub(super) fn read(file: &File, text: &mut Vec<u8>) -> io::Result<usize> {
        Ok(rustix::io::read(file, spare_capacity(text))?)
    }
}

#[cfg(not(unix))]
mod sys {
    use std::fs::File;
    use std::io::{self, Read};
    use std::path::Path;

    pub(super) fn open(path: &Path) -> io::Result<File> {
        File::open(path)
    }

    pub(super) fn open_at_once(path: &Path) -> io::Result<File> {
        open(path)
    }

    pub(super) fn read(file: &File, text: &mut Vec<u8>) -> io::Result<usize> {
        let room = text.capacity().saturating_sub(text.len());
        file.take(room as u64).read_to_end(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_to_its_end() {
        let mut reading = Reading::default();
        reading.run(Path::new(file!())).unwrap();
        assert_eq!(reading.into_text(), std::fs::read(file!()).unwrap());
    }

    #[test]
    fn a_device_without_end_is_given_up() {
        let mut reading = Reading::default();
        reading.run(Path::new("/dev/zero")).unwrap();
        assert!(reading.into_text().len() <= FIRST_CAPACITY);
    }

    #[test]
    fn a_path_with_a_nul_is_no_matter_for_the_system() {
        let error = Reading::default().run(Path::new("a\0b")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert_eq!(error.raw_os_error(), None);
    }
}
