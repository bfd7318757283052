//! Where the text of tables comes from: files, and the files of processes.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use crate::arrow::sources;
use crate::formats::error::Document;
use crate::formats::lines::Lines;
use crate::linux::procfs::ProcessPath;
use crate::linux::{process, procfs, reading};

/// Where the text of a table comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A file.
    File(PathBuf),
    /// Maps or smaps of a process, by the layout.
    Process(ProcessPath),
}

impl sources::Source for Source {
    fn name(&self) -> Cow<'_, [u8]> {
        match self {
            Self::File(path) => path.as_os_str().as_encoded_bytes().into(),
            Self::Process(path) => path.pid().to_string().into_bytes().into(),
        }
    }

    fn read<'a>(&self, document: Document, text: &'a mut Vec<u8>) -> io::Result<Option<Lines<'a>>> {
        match self {
            Self::File(path) => {
                read_file(path, text)?;
                Ok(Some(Lines::from_file(text)))
            }
            Self::Process(path) => {
                match retried(|| process::read_file(path, document.file_name())) {
                    Ok(read) => *text = read,
                    // It has ended, which is no error.
                    Err(error) if procfs::is_no_such_process(&error) => return Ok(None),
                    Err(error) => return Err(error),
                }
                Ok(Some(Lines::from_kernel(text)))
            }
        }
    }
}

/// The text of a regular file. Anything else may have none for ever, or no end.
fn read_file(path: &Path, text: &mut Vec<u8>) -> io::Result<()> {
    let file = retried(|| reading::open_regular(path))?;
    retried(|| reading::read_to_end(&file, text))
}

/// Signals are answered by whoever asked for the stream.
fn retried<R>(mut question: impl FnMut() -> io::Result<R>) -> io::Result<R> {
    loop {
        match question() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            answer => return answer,
        }
    }
}
