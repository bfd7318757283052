//! A process that is dead: what its core file tells.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::formats::core_file::{CoreError, CoreFile};

/// A core file, open.
#[derive(Debug)]
pub struct CoreDump {
    file: File,
    core: CoreFile,
}

impl CoreDump {
    /// Opens a core file, and reads its headers and notes.
    ///
    /// # Errors
    ///
    /// As [`CoreFile::read`], and what the system says.
    pub fn open(path: &Path) -> Result<Self, CoreError> {
        let file = open(path)?;
        let core = CoreFile::read(&file)?;
        Ok(Self { file, core })
    }

    /// Reads up to this many bytes of the memory at an address; see
    /// [`CoreFile::read_memory`].
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn read_memory(&self, address: u64, size: usize) -> io::Result<Vec<u8>> {
        self.core.read_memory(&self.file, address, size)
    }

    /// What the headers and notes say.
    pub fn core(&self) -> &CoreFile {
        &self.core
    }
}

/// Opens a file, which takes no time even where it is a FIFO: that can't be read at
/// any place, and says so then.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};

    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}
