//! How questions are put to the process that a `Process` holds open.

use std::io;
use std::sync::{Arc, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::Process;
use crate::linux::filter::Filter;
use crate::linux::listing::Listing;
use crate::linux::lookup::Lookup;
use crate::linux::process;
use crate::mapping::{Fields, Name, OwnedMapping};
use crate::python::convert::{integer, integer_or, wrong_value};
use crate::python::errors::no_memory;
use crate::python::linux::listing::collect;
use crate::python::linux::live::without_gil;
use crate::python::mapping::collection::Collection;
use crate::python::mapping::map::Map;
use crate::python::space::module::Module;

impl Process {
    /// Puts a question with the GIL released, again after each signal.
    pub(super) fn answer<T: Send>(
        &self,
        py: Python<'_>,
        question: impl Fn(&process::Process) -> io::Result<T> + Sync,
    ) -> PyResult<T> {
        let process = self.process()?;
        without_gil(py, &self.path, "maps", || question(&process))
    }

    /// The text of another file that tells of the maps.
    pub(super) fn read_beside(&self, py: Python<'_>, name: &str) -> PyResult<Vec<u8>> {
        let process = self.process()?;
        without_gil(py, &self.path, name, || process.read_beside(name))
    }

    pub(super) fn collect_maps<'py, C: Collection<'py>>(
        &self,
        py: Python<'py>,
        filter: Filter,
    ) -> PyResult<C> {
        let process = self.process()?;
        let listing = Listing::of_process(&process, filter);
        collect(py, &self.path, filter, listing)
    }

    pub(super) fn process(&self) -> PyResult<Arc<process::Process>> {
        let process = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = || PyValueError::new_err("operation on closed process");
        process.clone().ok_or_else(closed)
    }

    pub(super) fn find_in(
        &self,
        py: Python<'_>,
        address: &Bound<'_, PyAny>,
        lookup: Lookup,
        filter: Filter,
    ) -> PyResult<Option<Map>> {
        let address = integer(address, "address")?;
        let mapping = self.answer(py, |process| process.find_filtered(address, lookup, filter))?;
        mapping
            .map(|found| Map::from_parts(py, found.fields, found.name))
            .transpose()
    }

    /// The mapping at an address, or that of a Map, or the lowest one of a Module.
    pub(super) fn mapping_at(&self, place: &Bound<'_, PyAny>) -> PyResult<Option<OwnedMapping>> {
        let map = match (place.cast::<Map>(), place.cast::<Module>()) {
            (Ok(map), _) => Some(map.get()),
            (_, Ok(module)) => module.get().lowest(),
            _ => {
                let address = integer_or(place, "where", "an address, a Map or a Module")?;
                return self.answer(place.py(), |process| {
                    process.find(address, Lookup::Covering)
                });
            }
        };
        let copy = map.map(OwnedMapping::copy_of).transpose();
        copy.map_err(no_memory)
    }

    /// As [`Process::mapping_at`], of something that has a source.
    pub(super) fn source_at(&self, place: &Bound<'_, PyAny>) -> PyResult<(Fields, Name)> {
        let mapping = self.mapping_at(place)?;
        let source = mapping.filter(|mapping| mapping.fields.has_source());
        let source = source.and_then(|source| Some((source.fields, source.name?)));
        source.ok_or_else(|| wrong_value("where", "in a map with a source", place))
    }
}
