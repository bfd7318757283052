//! `Location`: what lies at an address.

use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

use crate::python::convert::{hexadecimal, instance, named_address};
use crate::python::mapping::map::Map;
use crate::python::space::module::Module;

/// What lies at an address: the map, the module, and where in them.
///
/// `str()` gives 'libc.so.6+0x29d90', the module's name and the offset from its
/// base address. Where there is no module it gives the map's pathname and the
/// offset from the map's begin, '[stack]+0x10', or else the address, '0x7f10'.
///
/// `AddressSpace.resolve()` and `Process.resolve()` give one. Two are equal if
/// address, map and module are.
///
/// Raises ValueError for an address that is not in the map and a map that is not
/// in the module, TypeError for arguments of other types.
#[pyclass(frozen, module = "procmaps")]
pub(in crate::python) struct Location {
    address: u64,
    map: Py<Map>,
    module: Option<Py<Module>>,
}

impl Location {
    pub(in crate::python) fn new(address: u64, map: Py<Map>, module: Option<Py<Module>>) -> Self {
        Self {
            address,
            map,
            module,
        }
    }

    /// What the offset counts from.
    fn base(&self) -> i128 {
        match &self.module {
            Some(module) => module.get().base(),
            None => self.map.get().fields().begin_address.into(),
        }
    }
}

#[pymethods]
impl Location {
    #[new]
    #[pyo3(signature = (address, map, module = None))]
    fn py_new(
        address: &Bound<'_, PyAny>,
        map: &Bound<'_, PyAny>,
        module: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let map = instance::<Map>(map, "map", "a Map")?;
        let module = module
            .map(|module| instance::<Module>(module, "module", "a Module or None"))
            .transpose()?;
        let range = map.get().range();
        let known = named_address(address, "address")?
            .filter(|&address| range.begin <= address && address < range.end);
        let Some(known) = known else {
            let address = hexadecimal(address)?;
            return Err(PyValueError::new_err(format!(
                "address {address} is not in {:#x}-{:#x}",
                range.begin, range.end
            )));
        };
        match module {
            Some(module) if !module.get().holds(map.get()) => {
                Err(PyValueError::new_err("map is not in module"))
            }
            _ => {
                let module = module.map(|module| module.clone().unbind());
                Ok(Self::new(known, map.clone().unbind(), module))
            }
        }
    }

    /// The address itself.
    #[getter]
    fn address(&self) -> u64 {
        self.address
    }

    /// The map that contains the address.
    #[getter]
    fn map<'py>(&self, py: Python<'py>) -> Bound<'py, Map> {
        self.map.bind(py).clone()
    }

    /// The module that the map belongs to, None where it is of no file.
    #[getter]
    fn module<'py>(&self, py: Python<'py>) -> Option<Bound<'py, Module>> {
        self.module.as_ref().map(|module| module.bind(py).clone())
    }

    /// The offset in the module's file, in bytes; None where there is no module.
    #[getter]
    fn file_offset(&self) -> Option<u128> {
        self.module.as_ref()?;
        self.map.get().fields().file_offset(self.address)
    }

    /// The offset from the module's base address, in bytes; where there is no
    /// module, from the begin of the map.
    #[getter]
    fn offset(&self) -> i128 {
        i128::from(self.address).saturating_sub(self.base())
    }

    /// The address in the module's ELF file, as nm, addr2line and DWARF have it: the
    /// address less the module's load bias; None where that is not known.
    #[getter]
    fn elf_address(&self) -> Option<i128> {
        let bias = self.module.as_ref()?.get().bias()?;
        Some(i128::from(self.address).saturating_sub(bias))
    }

    fn __eq__(&self, other: &Self) -> bool {
        let modules = match (&self.module, &other.module) {
            (Some(module), Some(other)) => module.get().__eq__(other.get()),
            (module, other) => module.is_none() && other.is_none(),
        };
        self.address == other.address && modules && self.map.get() == other.map.get()
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<u64> {
        let mut hasher = DefaultHasher::new();
        (self.address, self.map.bind(py).hash()?).hash(&mut hasher);
        Ok(hasher.finish())
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let start = PyString::new(py, "<Location ");
        start.add(self.__str__(py)?)?.add(">")
    }

    fn __str__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let name = match &self.module {
            Some(module) => Some(module.get().file_name(py)?),
            None => self.map.get().pathname(py)?.cloned(),
        };
        match name {
            Some(name) => name.add(format!("+{:#x}", self.offset())),
            None => Ok(PyString::new(py, &format!("{:#x}", self.address)).into_any()),
        }
    }

    #[allow(clippy::type_complexity)] // the arguments, which occur nowhere else
    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> (
        Bound<'py, PyType>,
        (u64, Bound<'py, Map>, Option<Bound<'py, Module>>),
    ) {
        let arguments = (self.address, self.map(py), self.module(py));
        (py.get_type::<Self>(), arguments)
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (_memo, /))]
    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }
}
