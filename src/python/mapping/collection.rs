//! Many mappings as objects: a list, or the vector that an `AddressSpace` takes.

use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::mapping::{Fields, Spelling};
use crate::python::errors::no_memory;
use crate::python::mapping::map::Map;
use crate::python::mapping::source::Sources;
use crate::python::mapping::untracked;
use crate::python::signals::Signals;

/// What maps are put into.
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

/// Makes a `Map` of each mapping, in their order; looks for signals meanwhile.
pub(in crate::python) struct Collector<'py, C> {
    py: Python<'py>,
    maps: C,
    sources: Sources,
    signals: Signals,
}

impl<'py, C: Collection<'py>> Collector<'py, C> {
    /// For mappings whose names are all spelt in this way.
    pub(in crate::python) fn new(py: Python<'py>, spelling: Spelling) -> Self {
        Self {
            py,
            maps: C::empty(py),
            sources: Sources::new(spelling),
            signals: Signals::default(),
        }
    }

    #[inline]
    pub(in crate::python) fn add(&mut self, fields: &Fields, name: Option<&[u8]>) -> PyResult<()> {
        let source = self.sources.get(self.py, fields.device, name)?;
        let map = Map::from_source(fields, source);
        self.maps.push(untracked::new(self.py, map)?)?;
        self.skip(name.map_or(0, <[u8]>::len))
    }

    /// Passes over what is no mapping.
    #[inline]
    pub(in crate::python) fn skip(&mut self, bytes: usize) -> PyResult<()> {
        self.signals.after(self.py, bytes)
    }

    pub(in crate::python) fn into_collection(self) -> C {
        self.maps
    }
}
