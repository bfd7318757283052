//! The module's functions: from a pid, a path or text to a list of maps.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

#[cfg(not(target_os = "linux"))]
use pyo3::exceptions::PyNotImplementedError;
use pyo3::exceptions::{PyTypeError, PyUnicodeEncodeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyMemoryView, PyString};

use super::convert::{encode, integer, wrong_type};
use super::errors::{ParseError, os_error, os_error_from_errno, parse_error};
use super::map::Map;
use super::name::Names;
use crate::maps::records;
use crate::procfs::{self, Reading};
use crate::text::Lines;

/// How many maps are made between two looks for a signal such as Ctrl-C.
const MAPS_BETWEEN_SIGNALS: u64 = 1 << 14;

/// Return the memory maps of a running process, as the kernel lists them now.
///
/// A kernel thread or a zombie has no maps: the list is empty. Since Linux 6.17
/// the list of a process that is changing meanwhile is not one moment's: a page
/// can be listed twice or not at all.
///
/// Raises ProcessLookupError if there is no such process, PermissionError if
/// its maps may not be read (ptrace(2) access mode PTRACE_MODE_READ_FSCREDS),
/// another OSError if reading fails otherwise, all with `errno` and `filename`;
/// NotImplementedError on systems other than Linux.
///
/// Source: /proc/<pid>/maps, proc(5).
#[pyfunction]
pub(super) fn from_pid<'py>(
    py: Python<'py>,
    pid: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    let text = read_process_file(py, integer(pid, "pid")?)?;
    list(py, Lines::of_kernel(&text))
}

/// Return the memory maps in a file, such as a saved copy of `/proc/<pid>/maps`.
///
/// Raises the OSError that the system means, with `errno` and `filename`, and
/// ParseError at the first line that is not a maps line.
#[pyfunction]
pub(super) fn from_path<'py>(
    py: Python<'py>,
    path: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    let path: OsString = py
        .import("os")?
        .call_method1("fsdecode", (path,))?
        .extract()?;
    let path = PathBuf::from(path);
    let text = read(py, &path).map_err(|failure| failure.into_exception(py, &path))?;
    list(py, Lines::of_file(&text))
}

/// Return the memory maps in text that has the form of `/proc/<pid>/maps`.
///
/// Bytes of a name that are not UTF-8 are expected as `surrogateescape` gives
/// them. Raises ParseError at the first line that is not a maps line.
#[pyfunction]
pub(super) fn from_str<'py>(
    py: Python<'py>,
    maps_data: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    let text = maps_data
        .cast::<PyString>()
        .map_err(|_| wrong_type("maps_data", "a str", maps_data))?;
    let bytes = bytes_of_str(text)?;
    list(py, Lines::of_file(bytes.as_bytes()))
}

/// Return the memory maps in bytes that have the form of `/proc/<pid>/maps`.
///
/// Takes bytes, bytearray, memoryview or any other object with a buffer. Raises
/// ParseError at the first line that is not a maps line.
#[pyfunction]
pub(super) fn from_bytes<'py>(
    py: Python<'py>,
    maps_data: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    let bytes = bytes_of(maps_data)?;
    list(py, Lines::of_file(bytes.as_bytes()))
}

/// One `Map` per line, in the order of the lines.
fn list<'py>(py: Python<'py>, lines: Lines<'_>) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    let mut names = Names::default();
    for (record, until_signals) in records(lines).zip((0..MAPS_BETWEEN_SIGNALS).rev().cycle()) {
        let record = record.map_err(|error| parse_error(py, &error))?;
        let name = names.get(py, record.pathname)?;
        list.append(Bound::new(py, Map::from_parts(record.fields, name))?)?;
        if until_signals == 0 {
            py.check_signals()?;
        }
    }
    Ok(list)
}

/// The text of `/proc/<pid>/maps`.
#[cfg(target_os = "linux")]
fn read_process_file(py: Python<'_>, pid: i32) -> PyResult<Vec<u8>> {
    let path = procfs::maps_path(pid);
    read(py, &path).map_err(|error| match error {
        Failure::System(error) if procfs::is_no_such_process(&error) => {
            os_error_from_errno(py, procfs::NO_SUCH_PROCESS, &path)
        }
        error => error.into_exception(py, &path),
    })
}

#[cfg(not(target_os = "linux"))]
fn read_process_file(_py: Python<'_>, _pid: i32) -> PyResult<Vec<u8>> {
    Err(PyNotImplementedError::new_err(
        "only Linux has /proc/<pid>/maps; stored maps are parsed on every system",
    ))
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
fn bytes_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
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
fn bytes_of_str<'py>(text: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyBytes>> {
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
