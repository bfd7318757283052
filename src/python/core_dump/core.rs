//! `Core`: a process that is dead, held open by its core file.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::core_dump::CoreDump;
use crate::python::convert::{bytes, decode, integer_or, named_address};
use crate::python::core_dump::maps;
use crate::python::errors::no_memory;
use crate::python::mapping::map::Map;
use crate::python::space::address_space::AddressSpace;
use crate::python::space::location::Location;
use crate::python::space::maps::Space;
use crate::python::space::module::Module;
use crate::python::space::module::module_objects;
use crate::space::Modules;

/// A process that has died, as its core file tells: what Process is for a living
/// one.
///
/// Maps are those of procmaps.from_core. Modules are exact where the program headers of
/// their files are known: the kernel and gdb write the start of each into the core
/// file, unless bit 4 of `/proc/<pid>/coredump_filter` is off. Where it has only a part
/// of them, the file on the disk is read if its build ID is the one in the core file.
/// Otherwise modules are as AddressSpace.modules has them.
///
/// A Core is a context manager, is closed when nothing refers to it any more, and can
/// be shared by threads. After close() its methods raise ValueError.
///
/// Raises what procmaps.from_core raises.
#[pyclass(frozen, module = "procmaps")]
pub(in crate::python) struct Core {
    filename: Py<PyString>,
    program: Option<Py<PyString>>,
    pid: Option<i32>,
    /// `None` when closed. Whoever asks keeps the file open until the answer.
    opened: Mutex<Option<Arc<Opened>>>,
}

/// A core file, and what was made of it.
struct Opened {
    dump: CoreDump,
    space: Arc<Space>,
    modules: OnceLock<Modules>,
    objects: PyOnceLock<Py<PyTuple>>,
}

impl Opened {
    fn modules(&self, py: Python<'_>) -> PyResult<&Modules> {
        if let Some(modules) = self.modules.get() {
            return Ok(modules);
        }
        let files = self.space.files();
        let begins: Vec<u64> = files.iter().map(|map| map.get().range().begin).collect();
        // What is read is kept: afterwards nothing waits for a file.
        py.detach(|| {
            for &begin in &begins {
                self.dump.segments(begin);
            }
        });
        let segments = |map: &Py<Map>| self.dump.segments(map.get().range().begin);
        let modules = self.space.modules_by(segments).map_err(no_memory)?;
        Ok(self.modules.get_or_init(|| modules))
    }

    fn module_objects<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyTuple>> {
        let objects = || module_objects(py, &self.space, self.modules(py)?);
        Ok(self.objects.get_or_try_init(py, objects)?.bind(py))
    }
}

impl Core {
    fn opened(&self) -> PyResult<Arc<Opened>> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = || PyValueError::new_err("operation on closed core file");
        opened.clone().ok_or_else(closed)
    }
}

#[pymethods]
impl Core {
    #[new]
    fn py_new(py: Python<'_>, path: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (dump, filename) = maps::open(py, path)?;
        let program = dump.core().program();
        let program = program.map(|program| decode(py, program)).transpose()?;
        let space = Space::new(maps::collect(py, &dump)?).map_err(no_memory)?;
        Ok(Self {
            filename: filename.unbind(),
            program: program.map(Bound::unbind),
            pid: dump.core().pid(),
            opened: Mutex::new(Some(Arc::new(Opened {
                dump,
                space: Arc::new(space),
                modules: OnceLock::new(),
                objects: PyOnceLock::new(),
            }))),
        })
    }

    /// The number that the process had, also after close(); None where the core file
    /// does not tell.
    #[getter]
    fn pid(&self) -> Option<i32> {
        self.pid
    }

    /// The path of the program that died, also after close(); None where the core
    /// file does not tell.
    ///
    /// It is the file that had the program headers (AT_PHDR in the note NT_AUXV), less
    /// ' (deleted)': what `/proc/<pid>/exe` named.
    #[getter]
    fn program<'py>(&self, py: Python<'py>) -> Option<&Bound<'py, PyString>> {
        self.program.as_ref().map(|program| program.bind(py))
    }

    /// Return all maps of the process; see procmaps.from_core.
    fn maps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let opened = self.opened()?;
        let maps = PyList::empty(py);
        for map in opened.space.maps() {
            maps.append(map)?;
        }
        Ok(maps)
    }

    /// Return all maps of the process as an AddressSpace; see maps(). Its modules
    /// are as from text, those of modules() are exact.
    fn address_space(&self) -> PyResult<AddressSpace> {
        Ok(AddressSpace::new(Arc::clone(&self.opened()?.space)))
    }

    /// Return the modules, in the order of their lowest maps: each file at each
    /// place where it was mapped or loaded, with `load_bias` where its program headers
    /// are known.
    fn modules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        Ok(self.opened()?.module_objects(py)?.clone())
    }

    /// Return the map that contains an address, or None; see AddressSpace.find().
    fn find(&self, py: Python<'_>, address: &Bound<'_, PyAny>) -> PyResult<Option<Py<Map>>> {
        let opened = self.opened()?;
        let address = named_address(address, "address")?;
        let position = address.and_then(|address| opened.space.find(address));
        let map = position.and_then(|position| opened.space.maps().get(position));
        Ok(map.map(|map| map.clone_ref(py)))
    }

    /// Return what lay at the address: the map, its module among modules(), and
    /// where in them; None where nothing was mapped.
    ///
    /// Raises TypeError if the address is not an integer.
    fn resolve(&self, py: Python<'_>, address: &Bound<'_, PyAny>) -> PyResult<Option<Location>> {
        let opened = self.opened()?;
        let Some(address) = named_address(address, "address")? else {
            return Ok(None);
        };
        let position = opened.space.find(address);
        let Some((position, map)) = position.and_then(|position| {
            let map = opened.space.maps().get(position)?;
            Some((position, map.clone_ref(py)))
        }) else {
            return Ok(None);
        };
        let module = match opened.modules(py)?.owner(position) {
            Some((number, _)) => {
                let module = opened.module_objects(py)?.get_item(number)?;
                Some(module.cast_into::<Module>()?.unbind())
            }
            None => None,
        };
        Ok(Some(Location::new(address, map, module)))
    }

    /// Return the build ID of the ELF file that was mapped at an address, or of that
    /// of a Map or a Module: the content of its note NT_GNU_BUILD_ID; None where no
    /// such file was mapped, it has none or the core file does not have it.
    ///
    /// Raises TypeError for an argument of another type, OverflowError for an address
    /// outside of 64 bits.
    fn build_id<'py>(
        &self,
        py: Python<'py>,
        r#where: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let opened = self.opened()?;
        let address = match (r#where.cast::<Map>(), r#where.cast::<Module>()) {
            (Ok(map), _) => map.get().range().begin,
            (_, Ok(module)) => module.get().begin(),
            _ => integer_or(r#where, "where", "an address, a Map or a Module")?,
        };
        let id = py.detach(|| opened.dump.build_id(address));
        id.map(|id| bytes(py, &[&id])).transpose()
    }

    /// Close the core file. Closing twice does no harm. A question that another
    /// thread has asked is still answered.
    fn close(&self) {
        let opened = self
            .opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(opened);
    }

    /// Whether close() was called.
    #[getter]
    fn closed(&self) -> bool {
        self.opened().is_err()
    }

    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        slf.get().opened()?;
        Ok(slf)
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyAny>) {
        self.close();
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let closed = if self.closed() { ", closed" } else { "" };
        Ok(format!(
            "<procmaps.Core {}{closed}>",
            self.filename.bind(py).repr()?
        ))
    }
}
