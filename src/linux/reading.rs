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

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_of_several_reads_is_read_to_its_end() {
        let folder = crate::linux::stage::Folder::new("several-reads");
        let path = folder.write("file", b"a".repeat(200_000));
        let mut reading = Reading::default();
        reading.run(&path).unwrap();
        let text = reading.into_text();
        assert_eq!(text, b"a".repeat(200_000));
        // It goes on where the last one has ended, and stops behind a NUL.
        let file = open(&path).unwrap();
        let mut text = b"b".to_vec();
        read_to_end(&file, &mut text).unwrap();
        assert_eq!(text.len(), 200_001);
        read_to_end(&file, &mut text).unwrap();
        assert_eq!(text.len(), 200_001);
        let file = open(&folder.write("file", b"a\0".repeat(100_000))).unwrap();
        let mut text = Vec::new();
        read_to_end(&file, &mut text).unwrap();
        assert!((2..=FIRST_CAPACITY).contains(&text.len()));
    }

    #[test]
    fn there_is_room_for_the_maps_of_an_ordinary_process() {
        let file = open(Path::new(file!())).unwrap();
        let mut text = Vec::new();
        read_to_end(&file, &mut text).unwrap();
        assert!(text.capacity() >= 64 * 1024);
        // A page is enough for a read.
        let nothing = open(Path::new("/dev/null")).unwrap();
        let mut text = Vec::with_capacity(MINIMUM_ROOM);
        let capacity = text.capacity();
        read_to_end(&nothing, &mut text).unwrap();
        assert_eq!(text.capacity(), capacity);
    }

    #[test]
    fn enough_text_interrupts() {
        let file = open(Path::new(file!())).unwrap();
        let mut text = b"ab".to_vec();
        let error = read_up_to(&file, &mut text, 2).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Interrupted);
        assert_eq!(text, b"ab");
        assert!(read_up_to(&file, &mut text, 3).is_err());
        assert_eq!(text[2..], std::fs::read(file!()).unwrap());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn only_a_regular_file_is_opened_as_one_and_none_is_waited_for() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        use rustix::io::{FdFlags, fcntl_getfd};
        let folder = crate::linux::stage::Folder::new("regular");
        let path = folder.write("file", "text");
        for file in [open(&path).unwrap(), open_regular(&path).unwrap()] {
            assert_eq!(fcntl_getfd(&file).unwrap(), FdFlags::CLOEXEC);
        }
        let fifo = folder.path().join("fifo");
        mknodat(CWD, &fifo, FileType::Fifo, Mode::RWXU, 0).unwrap();
        for path in [&fifo, Path::new("/dev/null")] {
            let error = open_regular(path).unwrap_err();
            assert_eq!(error.to_string(), "not a regular file");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
        let error = open_regular(folder.path()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
    }
}
