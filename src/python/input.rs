//! Where text comes from: a process, a file or an object that holds it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

#[cfg(not(target_os = "linux"))]
use pyo3::exceptions::PyNotImplementedError;
use pyo3::exceptions::{PyTypeError, PyUnicodeEncodeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView, PyString};

use super::convert::{encode, wrong_type};
use super::errors::{ParseError, os_error, os_error_from_errno};
use crate::procfs::{self, Reading};

/// The text of a file such as `maps` in a process's directory.
#[cfg(target_os = "linux")]
pub(super) fn read_process_file(py: Python<'_>, pid: i32, name: &str) -> PyResult<Vec<u8>> {
    let path = procfs::process_file(pid, name);
    read(py, &path).map_err(|error| match error {
        Failure::System(error) if procfs::is_no_such_process(&error) => {
            os_error_from_errno(py, procfs::NO_SUCH_PROCESS, &path)
        }
        error => error.into_exception(py, &path),
    })
}

#[cfg(not(target_os = "linux"))]
pub(super) fn read_process_file(_py: Python<'_>, _pid: i32, name: &str) -> PyResult<Vec<u8>> {
    Err(PyNotImplementedError::new_err(format!(
        "only Linux has /proc/<pid>/{name}; stored copies are parsed on every system"
    )))
}

/// The text of a file, named by anything that names a file.
pub(super) fn read_file(py: Python<'_>, path: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let path: OsString = py
        .import("os")?
        .call_method1("fsdecode", (path,))?
        .extract()?;
    let path = PathBuf::from(path);
    read(py, &path).map_err(|failure| failure.into_exception(py, &path))
}

/// Why a file was not read: the system, or a signal handler that raised.
enum Failure {
    System(io::Error),
    Raised(PyErr),
}

impl Failure {
    fn into_exception(self, py: Python<'_>, path: &Path) -> PyErr {
        match self {
            Self::System(error) => os_error(py, &error, path),
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
pub(super) fn bytes_of_buffer<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    match PyMemoryView::from(value) {
        Ok(view) => Ok(view.call_method0("tobytes")?.cast_into()?),
        Err(error) if error.is_instance_of::<PyTypeError>(value.py()) => Err(wrong_type(
            "maps_data",
            "bytes, bytearray or memoryview",
            value,
        )),
        Err(error) => Err(error),
    }
}

/// The bytes of a `str`, in which a surrogate stands for a byte.
pub(super) fn bytes_of_str<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let text = value
        .cast::<PyString>()
        .map_err(|_| wrong_type("maps_data", "a str", value))?;
    let py = text.py();
    encode(text).map_err(|error| {
        if !error.is_instance_of::<PyUnicodeEncodeError>(py) {
            return error;
        }
        stray_surrogate(text, &error).unwrap_or_else(|error| error)
    })
}

/// The `ParseError` for a surrogate that stands for no byte, in its line.
fn stray_surrogate(text: &Bound<'_, PyString>, error: &PyErr) -> PyResult<PyErr> {
    let py = text.py();
    let at: usize = error.value(py).getattr("start")?.extract()?;
    let line_number: u64 = text.call_method1("count", ("\n", 0, at))?.extract()?;
    let lines = text.call_method1("split", ("\n",))?;
    let line = lines.get_item(line_number)?;
    let found = text.get_item(at)?.repr()?;
    let reason = format!(
        "pathname: expected UTF-8, or U+DC80 to U+DCFF for bytes that are not, found {found}"
    );
    Ok(ParseError::new_err((
        line_number.saturating_add(1),
        line.unbind(),
        reason,
    )))
}
