//! `Module`: one file at one place in memory.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyType};

use super::address_space::{AddressSpace, Space, count};
use crate::mapping::{Lend, Name};
use crate::python::convert::{decode, hexadecimal, index, named_address, not_an_integer};
use crate::python::mapping::map::Map;
use crate::space;

/// The maps of one file at one place: a program, a library, a file of data.
///
/// A file that is mapped or loaded at two places is two modules, and so are a
/// deleted file and the one that took its name. Memory without a name is part of
/// no module, also where it follows one as a `.bss` does: text can't tell it from
/// other memory that happens to lie there.
///
/// Modules are told apart by device, inode, name and the order of offsets, in
/// the way loaders lay out ELF files. `AddressSpace.modules` lists them; to make
/// one takes the maps of one file. Two are equal if their maps are.
///
/// Raises ValueError for maps that are not of one file, TypeError for what is no
/// Map.
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

    /// Whether a part of it can be executed, as of a program that was loaded.
    pub(in crate::python) fn has_code(&self) -> bool {
        self.grouped.has_code()
    }

    /// The name of the file, taken apart.
    pub(in crate::python) fn file(&self) -> Option<&Name> {
        self.lowest()?.name()
    }

    pub(in crate::python) fn holds(&self, map: &Map) -> bool {
        !self.maps.positions(&map.mapping()).is_empty()
    }

    fn lowest(&self) -> Option<&Map> {
        self.maps.maps().first().map(Py::get)
    }

    fn error(&self, py: Python<'_>, what: &str, number: &Bound<'_, PyAny>, why: &str) -> PyErr {
        match (
            hexadecimal(number),
            self.name(py).and_then(|name| name.repr()),
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

#[pymethods]
impl Module {
    #[new]
    fn py_new(maps: &Bound<'_, PyAny>) -> PyResult<Self> {
        let class = maps.py().get_type::<AddressSpace>();
        let maps = class.call1((maps,))?.cast_into::<AddressSpace>()?;
        let maps = Arc::clone(maps.get().space());
        match space::Module::from_maps(maps.maps()) {
            Ok(module) => Ok(Self::new(module, maps)),
            Err(error) => Err(PyValueError::new_err(error.to_string())),
        }
    }

    /// The maps of the module; memory between and after them is not among them.
    #[getter]
    fn maps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, AddressSpace>> {
        let object = || Py::new(py, AddressSpace::new(Arc::clone(&self.maps)));
        Ok(self
            .maps_object
            .get_or_try_init(py, object)?
            .bind(py)
            .clone())
    }

    /// The path of the file, as Map.path has it; None for a memfd.
    #[getter]
    fn path<'py>(&self, py: Python<'py>) -> PyResult<Option<&Bound<'py, PyString>>> {
        match self.lowest() {
            Some(map) => map.path(py),
            None => Ok(None),
        }
    }

    /// The name of the file: the last part of its path, or 'memfd:' and the name
    /// of a memfd.
    #[getter]
    pub(in crate::python) fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        decode(py, self.file().map_or(b"", Name::file_name))
    }

    /// Whether the file was unlinked, as far as its name tells.
    #[getter]
    fn is_deleted(&self) -> bool {
        self.file().is_some_and(Name::is_deleted)
    }

    /// Where offset 0 of the file lies, or would lie if it were mapped: the begin
    /// address of the lowest map less its offset.
    ///
    /// For a shared library or a position-independent program, an address less
    /// this is the address in the ELF file, as nm and addr2line have it. Below
    /// zero where the file begins at a place that no memory has.
    #[getter]
    fn base_address(&self) -> i128 {
        self.base()
    }

    /// The first address past the last map of the module.
    #[getter]
    fn end_address(&self) -> u64 {
        self.grouped.range().end
    }

    /// How many bytes are mapped; what several maps contain counts once.
    #[getter]
    fn size(&self) -> u64 {
        self.maps.index().size()
    }

    /// Return the offset in the file of an address in the module, in bytes.
    ///
    /// Raises ValueError if the address is in none of the module's maps, TypeError
    /// if it is no integer.
    fn file_offset(&self, py: Python<'_>, address: &Bound<'_, PyAny>) -> PyResult<u128> {
        let known = named_address(address, "address")?;
        let offset = known.and_then(|known| {
            let map = self.maps.maps().get(self.maps.find(known)?)?;
            map.get().fields().file_offset(known)
        });
        offset.ok_or_else(|| self.error(py, "address", address, "in a map of"))
    }

    /// Return the lowest address at which the module has this byte of the file.
    ///
    /// Segments can share a page of the file: such a byte is mapped twice, and
    /// only one of the two is where a program looks for it. Raises ValueError if
    /// the byte is not mapped, TypeError if file_offset is no integer.
    fn address_of(&self, py: Python<'_>, file_offset: &Bound<'_, PyAny>) -> PyResult<u64> {
        let asked = index(file_offset)
            .map_err(|error| not_an_integer(error, file_offset, "file_offset", "an integer"))?;
        if let Ok(offset) = asked.extract::<u128>() {
            let mut maps = self.maps.maps().iter().map(|map| map.get().fields());
            if let Some(address) = maps.find_map(|fields| fields.address_of(offset)) {
                return Ok(address);
            }
        }
        Err(self.error(py, "file offset", file_offset, "mapped from"))
    }

    pub(in crate::python) fn __eq__(&self, other: &Self) -> bool {
        are_equal(&self.maps, &other.maps)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.maps(py)?.hash()
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let base = hexadecimal(self.base().into_pyobject(py)?.as_any())?;
        let count = count(self.maps.maps().len());
        let rest = PyString::new(py, &format!(" at {base}, {count}>"));
        PyString::new(py, "<Module ").add(self.name(py)?)?.add(rest)
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyType>, (Bound<'py, AddressSpace>,))> {
        Ok((py.get_type::<Self>(), (self.maps(py)?,)))
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (_memo, /))]
    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }
}
