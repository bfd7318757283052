//! What is asked of an address space: where addresses lie, and its modules.

use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use super::AddressSpace;
use crate::python::convert::{self, not_an_integer};
use crate::python::errors::no_memory;
use crate::python::space::location::Location;
use crate::python::space::module::module_objects;

impl AddressSpace {
    /// The modules as objects, made when they are first asked for.
    pub(super) fn module_objects<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyTuple>> {
        let modules = || {
            let modules = self.space.modules().map_err(no_memory)?;
            module_objects(py, &self.space, modules)
        };
        Ok(self.modules.get_or_try_init(py, modules)?.bind(py))
    }

    /// What lies at an address; None where nothing is mapped.
    pub(super) fn location(&self, py: Python<'_>, address: u64) -> PyResult<Option<Location>> {
        let Some(found) = self.space.resolve(address).map_err(no_memory)? else {
            return Ok(None);
        };
        let map = self.space.maps().get(found.position);
        let module = match found.module {
            Some((number, _)) => Some(self.module_objects(py)?.get_item(number)?.cast_into()?),
            None => None,
        };
        Ok(map.map(|map| Location::new(address, map.clone_ref(py), module.map(Bound::unbind))))
    }

    /// What is at each of many addresses, in their order.
    pub(super) fn find_all<'py>(
        &self,
        py: Python<'py>,
        addresses: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        let found = PyList::empty(py);
        let mut addresses = addresses.try_iter()?;
        // Step by step over many addresses, the waits for memory overlap.
        let (mut chunk, mut positions) = (Vec::new(), Vec::new());
        chunk.try_reserve_exact(CHUNK).map_err(no_memory)?;
        positions.try_reserve_exact(CHUNK).map_err(no_memory)?;
        loop {
            for item in addresses.by_ref().take(CHUNK) {
                let item = item?;
                let address = convert::address(&item).map_err(|error| {
                    let number = found.len().saturating_add(chunk.len());
                    not_an_integer(error, &item, &format!("addresses[{number}]"), "an integer")
                })?;
                chunk.push(address.unwrap_or(NOWHERE));
            }
            if chunk.is_empty() {
                return Ok(found);
            }
            positions.extend(chunk.drain(..).map(|address| self.space.find(address)));
            for position in positions.drain(..) {
                found.append(position.and_then(|position| self.space.maps().get(position)))?;
            }
        }
    }
}

/// How many addresses are looked for side by side.
const CHUNK: usize = 256;

/// No range contains it: the last address that one can contain is one less.
const NOWHERE: u64 = u64::MAX;
