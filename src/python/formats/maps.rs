//! The module's functions: from a pid, a path or text to a list of maps.

use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::formats::lines::Lines;
use crate::formats::maps::records;
use crate::python::convert::integer;
use crate::python::errors::parse_error;
use crate::python::formats::input::{bytes_of_buffer, parse_str, read_file, read_process_file};
use crate::python::mapping::map::Map;
use crate::python::mapping::name::Names;
use crate::python::mapping::untracked;
use crate::python::signals::Signals;

/// Return the memory maps of a running process, as the kernel lists them now.
///
/// A kernel thread or a zombie has no maps: the list is empty. Of a process whose
/// first thread has ended, a living thread is read. Since Linux 6.17 the list of a
/// process that is changing meanwhile is not one moment's: a page can be listed
/// twice or not at all.
///
/// Raises ProcessLookupError if there is no such process, PermissionError if
/// its maps may not be read (ptrace(2) access mode PTRACE_MODE_READ_FSCREDS),
/// another OSError if reading fails otherwise, all with `errno` and `filename`;
/// NotImplementedError on systems other than Linux.
///
/// Source: /proc/<pid>/maps, proc(5).
#[pyfunction]
pub(in crate::python) fn from_pid<'py>(
    py: Python<'py>,
    pid: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    let text = read_process_file(py, integer(pid, "pid")?, "maps")?;
    list(py, Lines::from_kernel(&text))
}

/// Return the memory maps in a file, such as a saved copy of `/proc/<pid>/maps`.
///
/// Raises the OSError that the system means, with `errno` and `filename`, and
/// ParseError at the first line that is not a maps line.
#[pyfunction]
pub(in crate::python) fn from_path<'py>(
    py: Python<'py>,
    path: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    let text = read_file(py, path)?;
    list(py, Lines::from_file(&text))
}

/// Return the memory maps in text that has the form of `/proc/<pid>/maps`.
///
/// Bytes of a name that are not UTF-8 are expected as `surrogateescape` gives
/// them. Raises ParseError at the first line that is not a maps line.
#[pyfunction]
pub(in crate::python) fn from_str<'py>(
    py: Python<'py>,
    maps_data: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    parse_str(maps_data, "maps_data", |lines| list(py, lines))
}

/// Return the memory maps in bytes that have the form of `/proc/<pid>/maps`.
///
/// Takes bytes, bytearray, memoryview or any other object with a buffer. Raises
/// ParseError at the first line that is not a maps line.
#[pyfunction]
pub(in crate::python) fn from_bytes<'py>(
    py: Python<'py>,
    maps_data: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    let bytes = bytes_of_buffer(maps_data, "maps_data")?;
    list(py, Lines::from_file(bytes.as_bytes()))
}

/// One `Map` per line, in the order of the lines.
pub(in crate::python) fn list<'py>(
    py: Python<'py>,
    lines: Lines<'_>,
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    let mut names = Names::default();
    let mut signals = Signals::default();
    for record in records(lines) {
        let record = record.map_err(|error| parse_error(py, &error))?;
        let source = names.get(py, record.fields.device, record.pathname)?;
        let map = Map::from_source(&record.fields, source);
        list.append(untracked::new(py, map)?)?;
        signals.after(py, record.pathname)?;
    }
    Ok(list)
}
