//! The module's functions: from a path or text to a list of maps.

use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::formats::lines::Lines;
use crate::formats::maps::records;
use crate::mapping::{Fields, Spelling};
use crate::python::errors::{no_memory, parse_error};
use crate::python::formats::input::{bytes_of_buffer, parse_str, read_file};
use crate::python::mapping::map::Map;
use crate::python::mapping::source::Sources;
use crate::python::mapping::untracked;
use crate::python::signals::Signals;

/// Return the memory maps in a file, such as a saved copy of `/proc/<pid>/maps`.
///
/// Raises the OSError that the system means, with `errno` and `filename`, and
/// ParseError at the first line that is not a maps line.
#[pyfunction]
pub(in crate::python) fn from_path<'py>(
    py: Python<'py>,
    path: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    of_path(py, path)
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
    of_str(py, maps_data)
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
    of_bytes(py, maps_data)
}

/// What is made of maps: a list, or the vector that an `AddressSpace` takes.
pub(in crate::python) trait Collection<'py>: Sized {
    fn empty(py: Python<'py>) -> Self;
    fn push(&mut self, map: Bound<'py, Map>) -> PyResult<()>;
    /// Takes out the last maps, as far as they begin at an address or above.
    fn pop_from(&mut self, address: u64) -> PyResult<()>;
}

impl<'py> Collection<'py> for Bound<'py, PyList> {
    fn empty(py: Python<'py>) -> Self {
        PyList::empty(py)
    }

    #[inline]
    fn push(&mut self, map: Bound<'py, Map>) -> PyResult<()> {
        self.append(map)
    }

    fn pop_from(&mut self, address: u64) -> PyResult<()> {
        while let Some(last) = self.len().checked_sub(1) {
            if self.get_item(last)?.cast::<Map>()?.get().range().begin < address {
                break;
            }
            self.del_item(last)?;
        }
        Ok(())
    }
}

impl<'py> Collection<'py> for Vec<Py<Map>> {
    fn empty(_py: Python<'py>) -> Self {
        Self::new()
    }

    #[inline]
    fn push(&mut self, map: Bound<'py, Map>) -> PyResult<()> {
        self.try_reserve(1).map_err(no_memory)?;
        Self::push(self, map.unbind());
        Ok(())
    }

    fn pop_from(&mut self, address: u64) -> PyResult<()> {
        while self
            .last()
            .is_some_and(|map| map.get().range().begin >= address)
        {
            self.pop();
        }
        Ok(())
    }
}

/// See [`from_path`].
pub(in crate::python) fn of_path<'py, C: Collection<'py>>(
    py: Python<'py>,
    path: &Bound<'py, PyAny>,
) -> PyResult<C> {
    let text = read_file(py, path)?;
    collect(py, Lines::from_file(&text))
}

/// See [`from_str`].
pub(in crate::python) fn of_str<'py, C: Collection<'py>>(
    py: Python<'py>,
    maps_data: &Bound<'py, PyAny>,
) -> PyResult<C> {
    parse_str(maps_data, "maps_data", |lines| collect(py, lines))
}

/// See [`from_bytes`].
pub(in crate::python) fn of_bytes<'py, C: Collection<'py>>(
    py: Python<'py>,
    maps_data: &Bound<'py, PyAny>,
) -> PyResult<C> {
    let bytes = bytes_of_buffer(maps_data, "maps_data")?;
    collect(py, Lines::from_file(bytes.as_bytes()))
}

/// One `Map` per line, in the order of the lines.
pub(in crate::python) fn collect<'py, C: Collection<'py>>(
    py: Python<'py>,
    lines: Lines<'_>,
) -> PyResult<C> {
    collect_if(py, lines, |_| true)
}

/// The same of those lines alone whose fields are wanted.
pub(in crate::python) fn collect_if<'py, C: Collection<'py>>(
    py: Python<'py>,
    lines: Lines<'_>,
    is_wanted: impl Fn(&Fields) -> bool,
) -> PyResult<C> {
    let mut maps = C::empty(py);
    let mut sources = Sources::new(Spelling::Printed);
    let mut signals = Signals::default();
    for mapping in records(lines) {
        let mapping = mapping.map_err(|error| parse_error(py, &error))?;
        if is_wanted(&mapping.fields) {
            let source = sources.get(py, mapping.fields.device, mapping.pathname)?;
            let map = Map::from_source(&mapping.fields, source);
            maps.push(untracked::new(py, map)?)?;
        }
        signals.after(py, mapping.pathname.map_or(0, <[u8]>::len))?;
    }
    Ok(maps)
}
