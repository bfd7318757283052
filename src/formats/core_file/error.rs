//! Why a core file can't be read: the system, or what stands in it, and where.

use std::{fmt, io};

/// An error of reading a core file.
#[derive(Debug)]
pub enum CoreError {
    /// The file can't be read.
    System(io::Error),
    /// The file is not what it should be.
    Content(ContentError),
}

/// What is wrong with a core file's content, and at which byte of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentError {
    /// Where in the file it stands, in bytes.
    pub offset: u64,
    /// The header or note, what was expected there, and what was found.
    pub reason: String,
}

impl CoreError {
    /// What is wrong at an offset.
    pub(super) fn at(offset: u64, reason: impl Into<String>) -> Self {
        Self::Content(ContentError {
            offset,
            reason: reason.into(),
        })
    }
}

impl From<io::Error> for CoreError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl From<std::collections::TryReserveError> for CoreError {
    fn from(_: std::collections::TryReserveError) -> Self {
        Self::System(io::ErrorKind::OutOfMemory.into())
    }
}

impl fmt::Display for ContentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "offset {:#x}: {}", self.offset, self.reason)
    }
}

impl std::error::Error for ContentError {}
