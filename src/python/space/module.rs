//! `Module`: one file at one place in memory.

mod methods;

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PyString, PyTuple};

use super::address_space::AddressSpace;
use super::maps::{Space, pick};
use crate::mapping::{Lend, Name};
use crate::python::convert::{decode, hexadecimal, tuple};
use crate::python::errors::no_memory;
use crate::python::mapping::map::Map;
use crate::space;

/// The maps of one file at one place: a program, a library, a file of data.
///
/// A file that is mapped or loaded at two places is two modules, and so are a
/// deleted file and the one that took its name. Memory without a name is part of
/// no module, also where it follows one as a `.bss` does: text can't tell it from
/// other memory that happens to lie there.
///
/// `AddressSpace.modules` tells modules apart by device, inode and name, and by
/// what loaders do: they map the segments of an ELF file in the order of their
/// addresses, the start of the file first. A load goes on until offsets begin
/// anew. What is left of the first mapping in holes between segments belongs to
/// it, and where the kernel leaves holes free, others may be mapped in them.
///
/// `Process.modules()` reads the program headers of the files besides, and knows
/// exactly which map is which segment; then `load_bias` is known.
///
/// To make one takes the maps of one file. `address in module` tells whether a
/// map of it contains the address, `map_ in module` whether the map is one of
/// them. Two are equal if their maps are.
///
/// Raises ValueError for maps that are not of one file, TypeError if one of them
/// is not a Map, OverflowError for a load bias outside of 128 bits.
#[pyclass(frozen, module = "procmaps")]
pub(in crate::python) struct Module {
    grouped: space::Module,
    maps: Arc<Space>,
    /// The maps as an object, made when they are first asked for.
    maps_object: PyOnceLock<Py<AddressSpace>>,
}

impl Module {
    pub(in crate::python) fn new(grouped: space::Module, maps: Arc<Space>) -> Self {
        Self {
            grouped,
            maps,
            maps_object: PyOnceLock::new(),
        }
    }

    pub(in crate::python) fn base(&self) -> i128 {
        self.grouped.base_address()
    }

    pub(in crate::python) fn bias(&self) -> Option<i128> {
        self.grouped.load_bias()
    }

    /// The begin address of its lowest map.
    pub(in crate::python) fn begin(&self) -> u64 {
        self.grouped.range().begin
    }

    /// Whether a part of it can be executed, as of a program that was loaded.
    pub(in crate::python) fn has_code(&self) -> bool {
        self.grouped.has_code()
    }

    /// The name of the file: the last part of its path, or what a memfd is called.
    pub(in crate::python) fn file_name<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Bound<'py, PyString>> {
        decode(py, self.file().map_or(b"", Name::file_name))
    }

    /// The name of the file, taken apart.
    pub(in crate::python) fn file(&self) -> Option<&Name> {
        self.lowest()?.name()
    }

    pub(in crate::python) fn holds(&self, map: &Map) -> bool {
        !self.maps.positions(&map.mapping()).is_empty()
    }

    /// The lowest map.
    pub(in crate::python) fn lowest(&self) -> Option<&Map> {
        self.maps.maps().first().map(Py::get)
    }

    fn error(&self, py: Python<'_>, what: &str, number: &Bound<'_, PyAny>, why: &str) -> PyErr {
        match (
            hexadecimal(number),
            self.file_name(py).and_then(|name| name.repr()),
        ) {
            (Ok(number), Ok(name)) => {
                PyValueError::new_err(format!("{what} {number} is not {why} {name}"))
            }
            (Err(error), _) | (_, Err(error)) => error,
        }
    }
}

/// Whether two spaces have equal maps.
pub(in crate::python) fn are_equal(a: &Space, b: &Space) -> bool {
    let (a, b) = (a.maps(), b.maps());
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is(b) || a.get() == b.get())
}

/// The modules of a space as objects.
pub(in crate::python) fn module_objects(
    py: Python<'_>,
    space: &Space,
    modules: &space::Modules,
) -> PyResult<Py<PyTuple>> {
    let objects = PyList::empty(py);
    for module in modules.all() {
        let positions = module.positions().iter().copied();
        let maps = Space::new(pick(py, space, positions)?).map_err(no_memory)?;
        objects.append(Module::new(module.clone(), Arc::new(maps)))?;
    }
    Ok(tuple(py, objects.iter())?.unbind())
}
