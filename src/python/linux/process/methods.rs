//! What Python sees of a live process: its methods, with their docstrings.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use super::Process;
use super::exact::ModuleCache;
use crate::formats::lines::Lines;
use crate::linux::filter::Filter;
use crate::linux::lookup::Lookup;
use crate::linux::process;
use crate::linux::procfs::ProcRoot;
use crate::python::convert::{bytes, decode, integer};
use crate::python::formats::memory_usage::MemoryUsage;
use crate::python::formats::smaps;
use crate::python::linux::live::{binary_io, without_gil};
use crate::python::linux::proc_root;
use crate::python::mapping::map::Map;
use crate::python::space::address_space::AddressSpace;
use crate::python::space::location::Location;

#[pymethods]
impl Process {
    #[new]
    #[pyo3(
        signature = (pid, *, query = true, proc = ProcRoot::default()),
        text_signature = "(pid, *, query=True, proc='/proc')"
    )]
    fn new(
        py: Python<'_>,
        pid: &Bound<'_, PyAny>,
        query: bool,
        #[pyo3(from_py_with = proc_root::argument)] proc: ProcRoot,
    ) -> PyResult<Self> {
        let path = proc_root::process_path(pid, proc)?;
        let process = without_gil(py, &path, "maps", || process::Process::open(&path, query))?;
        Ok(Self {
            path,
            held: Mutex::new(Some(Arc::new(process))),
            modules: ModuleCache::default(),
        })
    }

    /// The number of the process, also after close().
    #[getter]
    fn pid(&self) -> i32 {
        self.path.pid()
    }

    /// Whether the process had an address space when it was opened. A kernel thread
    /// and a zombie have none.
    #[getter]
    fn has_maps(&self) -> PyResult<bool> {
        Ok(self.process()?.had_maps())
    }

    /// Whether single maps are asked for with PROCMAP_QUERY, found out when the
    /// process was opened; otherwise they are looked for in the text.
    #[getter]
    fn is_query_supported(&self) -> PyResult<bool> {
        Ok(self.process()?.is_query_supported())
    }

    /// Return all maps of the process that the filters keep, as the kernel lists
    /// them now; see from_pid().
    #[pyo3(signature = (
        *, readable = None, writable = None, executable = None, shared = None,
        file_backed = None
    ))]
    fn maps<'py>(
        &self,
        py: Python<'py>,
        readable: Option<bool>,
        writable: Option<bool>,
        executable: Option<bool>,
        shared: Option<bool>,
        file_backed: Option<bool>,
    ) -> PyResult<Bound<'py, PyList>> {
        let filter = Filter::new(readable, writable, executable, shared, file_backed);
        self.collect_maps(py, filter)
    }

    /// Return all maps of the process as an AddressSpace; see maps().
    fn address_space(&self, py: Python<'_>) -> PyResult<AddressSpace> {
        AddressSpace::from_maps(self.collect_maps(py, Filter::default())?)
    }

    /// Return what each map of the process costs in memory now; see
    /// smaps_from_pid().
    ///
    /// Unlike that function, it is never about another process that has got the pid.
    ///
    /// Raises ProcessLookupError if the process is gone, also if it ends while it is
    /// read.
    fn smaps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let text = self.read_beside(py, "smaps")?;
        smaps::list(py, Lines::from_kernel(&text))
    }

    /// Return what all maps of the process cost together now, as the function of
    /// that name does.
    ///
    /// Raises what smaps() raises.
    fn rollup<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, MemoryUsage>> {
        smaps::rollup_of(py, &|name| self.read_beside(py, name))
    }

    /// Return the map that contains an address, or None.
    ///
    /// If the kernel was asked, `path` is right about newlines in every case.
    ///
    /// Raises TypeError if the address is not an integer, OverflowError if it is one
    /// outside of 64 bits, ProcessLookupError if the process is gone.
    fn find(&self, py: Python<'_>, address: &Bound<'_, PyAny>) -> PyResult<Option<Map>> {
        self.find_in(py, address, Lookup::Covering, Filter::default())
    }

    /// Return the map that contains an address, or else the next one above it, of
    /// those that the filters of from_pid() keep, or None where there is none; see
    /// find().
    #[pyo3(signature = (
        address, *, readable = None, writable = None, executable = None, shared = None,
        file_backed = None
    ))]
    #[allow(clippy::too_many_arguments)] // the filters
    fn find_next(
        &self,
        py: Python<'_>,
        address: &Bound<'_, PyAny>,
        readable: Option<bool>,
        writable: Option<bool>,
        executable: Option<bool>,
        shared: Option<bool>,
        file_backed: Option<bool>,
    ) -> PyResult<Option<Map>> {
        let filter = Filter::new(readable, writable, executable, shared, file_backed);
        self.find_in(py, address, Lookup::CoveringOrNext, filter)
    }

    /// Return the modules of the process, by the program headers of their files,
    /// which tell which map is which segment, and the `load_bias`.
    ///
    /// The files are found as open() finds them. Only their headers are read, once
    /// for each file, at most 64 KiB. If they can't be read or don't fit the maps,
    /// as those of a file that has changed, the module is the one that
    /// AddressSpace.modules gives.
    ///
    /// Raises what maps() raises.
    fn modules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.exact_modules(py)
    }

    /// Return what lies at an address: the map that find() returns, its module, as
    /// modules() has it, and where in them; None where nothing is mapped.
    ///
    /// Only the file at the address is read, and once: as long as the map stays the
    /// same, later answers use the same module.
    ///
    /// Raises what find() raises.
    fn resolve(&self, py: Python<'_>, address: &Bound<'_, PyAny>) -> PyResult<Option<Location>> {
        self.exact_location(py, integer(address, "address")?)
    }

    /// The path of the program that the process executes, without the ' (deleted)'
    /// of one that was unlinked, as its own root directory has it.
    ///
    /// Raises FileNotFoundError for a kernel thread, ProcessLookupError for a process
    /// that is gone or a zombie, PermissionError as find() does.
    ///
    /// Source: `/proc/<pid>/exe`, proc_pid_exe(5).
    #[getter]
    fn program<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        let process = self.process()?;
        let program = without_gil(py, &self.path, "exe", || process.program())?;
        decode(py, &program)
    }

    /// Return a path by which other programs can open the file that is mapped, as
    /// long as it is mapped: at an address, in a Map or in a Module.
    ///
    /// It is found as open() finds it, and is the mapped file: below `proc` in
    /// `<pid>/map_files`, else `<pid>/exe` or `<pid>/root`, or else the path that it
    /// has in the caller's root directory.
    ///
    /// Raises what open() raises.
    fn path_of<'py>(
        &self,
        py: Python<'py>,
        r#where: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyString>> {
        let (fields, name) = self.source_at(r#where)?;
        let path = self.answer(py, |process| process.path_of(&fields, &name))?;
        decode(py, path.as_os_str().as_encoded_bytes())
    }

    /// Return the build ID of the ELF file that is mapped at an address, in a Map or
    /// in a Module, the content of its note NT_GNU_BUILD_ID; None where no regular
    /// file is mapped or it has none.
    ///
    /// The file is read, found as open() finds it. If it can't be opened and
    /// PROCMAP_QUERY is supported, the kernel is asked, which knows build IDs of at
    /// most 20 bytes; but only if the name tells that it is a regular file. Other
    /// files are never read, since a socket would lose what it has received.
    ///
    /// Raises what find() raises, and what open() raises for the file.
    fn build_id<'py>(
        &self,
        py: Python<'py>,
        r#where: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let Some(mapping) = self.mapping_at(r#where)? else {
            return Ok(None);
        };
        let id = self.answer(py, |process| process.build_id(&mapping))?;
        id.map(|id| bytes(py, &[&id])).transpose()
    }

    /// Open the file that is mapped, for reading in binary: at an address, in a Map
    /// or in a Module.
    ///
    /// It is found wherever the process lives, in a container too. With
    /// CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN it is opened through
    /// `/proc/<pid>/map_files`, which has deleted files and files without a path
    /// too, such as a memfd. Otherwise the program is opened through
    /// `/proc/<pid>/exe`, and the path of any other file is looked up in
    /// `/proc/<pid>/root` and in the caller's root directory. The file that is
    /// opened is the mapped one or none: its device and inode are those of the map.
    /// Files of different btrfs subvolumes, or layers of an overlay, can have these
    /// in common; there a link also has to lead to the map's name, and a path to a
    /// file with the build ID that PROCMAP_QUERY gives. The `name` of the file
    /// object is the pathname of the map.
    ///
    /// Raises ValueError for a map without a source, FileNotFoundError if the file
    /// is not there any more or another one is in its place, PermissionError if your
    /// rights don't suffice, ProcessLookupError if the process is gone, and for an
    /// address what find() raises.
    fn open<'py>(
        &self,
        py: Python<'py>,
        r#where: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (fields, name) = self.source_at(r#where)?;
        let file = self.answer(py, |process| process.open_source(&fields, &name))?;
        binary_io(py, file, &decode(py, name.as_bytes())?)
    }

    /// Close the files of the process. Closing twice does no harm. A question that
    /// another thread has asked is still answered.
    fn close(&self) {
        let held = self
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(held);
    }

    /// Whether close() was called.
    #[getter]
    fn closed(&self) -> bool {
        self.process().is_err()
    }

    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        slf.get().process()?;
        Ok(slf)
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyAny>) {
        self.close();
    }

    fn __repr__(&self) -> String {
        let closed = if self.closed() { ", closed" } else { "" };
        format!("<procmaps.Process pid={}{closed}>", self.path.pid())
    }
}
