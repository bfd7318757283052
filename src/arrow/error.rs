//! Why a source has no rows.

use std::fmt;
use std::io;

use arrow_schema::ArrowError;

use super::text::printable;
use crate::formats::error::ParseError;

/// What went wrong with a source, and which one it is.
#[derive(Debug)]
pub struct SourceError {
    /// The source's name.
    pub source: Vec<u8>,
    /// What went wrong.
    pub reason: Reason,
}

/// What can go wrong with a source.
#[derive(Debug)]
pub enum Reason {
    /// It can't be read.
    Io(io::Error),
    /// It is not the text that it should be.
    Text(ParseError),
    /// A name is so long that no column can hold it: this many bytes.
    TooLong(usize),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Text(error) => error.fmt(f),
            Self::TooLong(length) => write!(f, "a name of {length} bytes is too long for a table"),
        }
    }
}

impl From<io::Error> for Reason {
    fn from(error: io::Error) -> Self {
        match error.downcast::<ParseError>() {
            Ok(error) => Self::Text(error),
            Err(error) => Self::Io(error),
        }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", printable(&self.source), self.reason)
    }
}

impl std::error::Error for SourceError {}

impl From<SourceError> for ArrowError {
    fn from(error: SourceError) -> Self {
        // A stream hands on its message as a C string, which a NUL would end.
        let message = error.to_string().replace('\0', r"\x00");
        match error.reason {
            Reason::Io(error) => Self::IoError(message, error),
            Reason::Text(_) | Reason::TooLong(_) => Self::ParseError(message),
        }
    }
}
