//! Where text comes from: a process, a file or an object that holds it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView, PyString};

use crate::linux::process;
use crate::linux::procfs::ProcessPath;
use crate::linux::reading::Reading;
use crate::python::convert::{instance, wrong_type, wrong_value};
use crate::python::errors::os_error;
use crate::python::linux::live::without_gil;

/// The text of a file such as `maps` in a process's directory.
pub(in crate::python) fn read_process_file(
    py: Python<'_>,
    path: &ProcessPath,
    name: &str,
) -> PyResult<Vec<u8>> {
    without_gil(py, path, name, || process::read_file(path, name))
}

/// The text of a file, named by anything that names a file.
pub(in crate::python) fn read_file(py: Python<'_>, path: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let filename = py.import("os")?.call_method1("fsdecode", (path,))?;
    let path = PathBuf::from(filename.extract::<OsString>()?);
    read(py, &path).map_err(|failure| failure.into_exception(&filename))
}

/// Why a file was not read: the system, or a signal handler that raised.
enum Failure {
    System(io::Error),
    Raised(PyErr),
}

impl Failure {
    fn into_exception(self, filename: &Bound<'_, PyAny>) -> PyErr {
        match self {
            Self::System(error) => os_error(&error, filename),
            Self::Raised(error) => error,
        }
    }
}

/// Reads a file with the GIL released. A signal is answered at once, also while
/// a FIFO or a terminal has nothing to read.
fn read(py: Python<'_>, path: &Path) -> Result<Vec<u8>, Failure> {
    let mut reading = Reading::default();
    loop {
        match py.detach(|| reading.run(path)) {
            Ok(()) => return Ok(reading.into_text()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                py.check_signals().map_err(Failure::Raised)?;
            }
            Err(error) => return Err(Failure::System(error)),
        }
    }
}

/// The bytes of any object with a buffer. What can change is copied, so that
/// nothing changes under the parser.
pub(in crate::python) fn bytes_of_buffer<'py>(
    value: &Bound<'py, PyAny>,
    name: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    match PyMemoryView::from(value) {
        Ok(view) => Ok(view.call_method0("tobytes")?.cast_into()?),
        Err(error) if error.is_instance_of::<PyTypeError>(value.py()) => {
            Err(wrong_type(name, "bytes, bytearray or memoryview", value))
        }
        Err(error) => Err(error),
    }
}

/// What becomes of lines that do not belong in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::python) enum BadLines {
    /// The first is an error.
    Refuse,
    /// They are left out.
    Skip,
}

impl BadLines {
    /// The argument `errors`.
    pub(in crate::python) fn from_argument(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text = instance::<PyString>(value, "errors", "a str")?;
        match text.to_string_lossy().as_ref() {
            "strict" => Ok(Self::Refuse),
            "skip" => Ok(Self::Skip),
            _ => Err(wrong_value("errors", "'strict' or 'skip'", value)),
        }
    }
}
