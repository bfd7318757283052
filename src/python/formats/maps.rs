//! The module's functions: from a path or text to a list of maps.

use pyo3::prelude::*;
use pyo3::types::PyList;

use super::text::parse_str;
use crate::formats::lines::Lines;
use crate::formats::maps::{lines_among_others, records};
use crate::formats::smaps;
use crate::mapping::{Fields, Spelling};
use crate::python::errors::parse_error;
use crate::python::formats::input::{BadLines, bytes_of_buffer, read_file};
use crate::python::mapping::collection::{Collection, Collector};

/// Return the memory maps in a file, such as a saved copy of `/proc/<pid>/maps`.
///
/// FreeBSD's `/proc/<pid>/map` is read as well; offset, device and inode, which
/// it lacks, are 0. With errors='skip', other lines are left out and blanks
/// before a line are allowed, to find the maps in a report.
///
/// Raises the OSError that the system means, with `errno` and `filename`, and
/// ParseError at the first line that is not a maps line.
#[pyfunction]
#[pyo3(
    signature = (path, *, errors = BadLines::Refuse),
    text_signature = "(path, *, errors='strict')"
)]
pub(in crate::python) fn from_path<'py>(
    py: Python<'py>,
    path: &Bound<'py, PyAny>,
    #[pyo3(from_py_with = BadLines::from_argument)] errors: BadLines,
) -> PyResult<Bound<'py, PyList>> {
    of_path(py, path, errors)
}

/// Return the memory maps in text that has the form of `/proc/<pid>/maps`.
///
/// Bytes of a name that are not UTF-8 are expected as `surrogateescape` gives
/// them. FreeBSD's form and errors='skip' are as for from_path().
///
/// Raises ParseError at the first line that is not a maps line.
#[pyfunction]
#[pyo3(
    signature = (maps_data, *, errors = BadLines::Refuse),
    text_signature = "(maps_data, *, errors='strict')"
)]
pub(in crate::python) fn from_str<'py>(
    py: Python<'py>,
    maps_data: &Bound<'py, PyAny>,
    #[pyo3(from_py_with = BadLines::from_argument)] errors: BadLines,
) -> PyResult<Bound<'py, PyList>> {
    of_str(py, maps_data, errors)
}

/// Return the memory maps in bytes that have the form of `/proc/<pid>/maps`.
///
/// Takes bytes, bytearray, memoryview or any other object with a buffer. FreeBSD's
/// form and errors='skip' are as for from_path().
///
/// Raises ParseError at the first line that is not a maps line.
#[pyfunction]
#[pyo3(
    signature = (maps_data, *, errors = BadLines::Refuse),
    text_signature = "(maps_data, *, errors='strict')"
)]
pub(in crate::python) fn from_bytes<'py>(
    py: Python<'py>,
    maps_data: &Bound<'py, PyAny>,
    #[pyo3(from_py_with = BadLines::from_argument)] errors: BadLines,
) -> PyResult<Bound<'py, PyList>> {
    of_bytes(py, maps_data, errors)
}

/// See [`from_path`].
pub(in crate::python) fn of_path<'py, C: Collection<'py>>(
    py: Python<'py>,
    path: &Bound<'py, PyAny>,
    errors: BadLines,
) -> PyResult<C> {
    let text = read_file(py, path)?;
    collect(py, Lines::from_file(&text), errors)
}

/// See [`from_str`].
pub(in crate::python) fn of_str<'py, C: Collection<'py>>(
    py: Python<'py>,
    maps_data: &Bound<'py, PyAny>,
    errors: BadLines,
) -> PyResult<C> {
    parse_str(maps_data, "maps_data", errors, |lines| {
        collect(py, lines, errors)
    })
}

/// See [`from_bytes`].
pub(in crate::python) fn of_bytes<'py, C: Collection<'py>>(
    py: Python<'py>,
    maps_data: &Bound<'py, PyAny>,
    errors: BadLines,
) -> PyResult<C> {
    let bytes = bytes_of_buffer(maps_data, "maps_data")?;
    collect(py, Lines::from_file(bytes.as_bytes()), errors)
}

/// One `Map` per maps line, in the order of the lines.
pub(in crate::python) fn collect<'py, C: Collection<'py>>(
    py: Python<'py>,
    lines: Lines<'_>,
    errors: BadLines,
) -> PyResult<C> {
    collect_if(py, lines, errors, |_| true)
}

/// The same of those lines alone whose fields are wanted.
pub(in crate::python) fn collect_if<'py, C: Collection<'py>>(
    py: Python<'py>,
    lines: Lines<'_>,
    errors: BadLines,
    is_wanted: impl Fn(&Fields) -> bool,
) -> PyResult<C> {
    let mut maps = Collector::new(py, Spelling::Printed);
    match errors {
        BadLines::Refuse => {
            for mapping in records(lines) {
                let mapping = mapping.map_err(|error| parse_error(py, &smaps::recognise(error)))?;
                if is_wanted(&mapping.fields) {
                    maps.add(&mapping.fields, mapping.pathname)?;
                }
            }
        }
        BadLines::Skip => {
            for (line, mapping) in lines_among_others(lines) {
                match mapping {
                    Some(mapping) => maps.add(&mapping.fields, mapping.pathname)?,
                    None => maps.skip(line.len())?,
                }
            }
        }
    }
    Ok(maps.into_collection())
}
