//! `Process`: a live process, held open.

mod questions;

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::formats::lines::Lines;
use crate::linux::filter::Filter;
use crate::linux::lookup::Lookup;
use crate::linux::process;
use crate::linux::procfs::{ProcRoot, ProcessPath};
use crate::mapping::Lend;
use crate::python::convert::{integer, wrong_value};
use crate::python::formats::memory_usage::MemoryUsage;
use crate::python::formats::smaps;
use crate::python::linux::live::{binary_io, without_gil};
use crate::python::linux::proc_root;
use crate::python::mapping::map::Map;
use crate::python::space::address_space::AddressSpace;

/// A live process, whose `/proc/<pid>/maps` is held open: every answer is about
/// the address space that the process had when it was opened, whoever has the
/// pid later.
///
/// find() and find_next() ask the kernel for one map (ioctl PROCMAP_QUERY, Linux
/// 6.11), which takes the same time however many maps there are; maps() asks for
/// one after the other where that costs less than the text. On an older kernel
/// they read the text, with the same answer; with query=False they always do.
/// `proc` is the mount of procfs to look in; see pids().
///
/// Once the process has ended, or executed another program, every question
/// raises ProcessLookupError. A process that has no maps when it is opened, a
/// kernel thread or a zombie, has an empty list of them. Of a process whose first
/// thread has ended, a living thread is asked.
///
/// A Process is a context manager, is closed when nothing refers to it any more,
/// and can be shared by threads and with the child of a fork. After close() its
/// methods raise ValueError. Of what it holds open nothing has a position: text is
/// read from a file that is opened for it, which takes the rights anew.
///
/// Raises ProcessLookupError if there is no such process, PermissionError if its
/// maps may not be read (ptrace(2) access mode PTRACE_MODE_READ_FSCREDS), another
/// OSError if opening fails otherwise, all with `errno` and `filename`;
/// NotImplementedError on systems other than Linux.
///
/// Source: `/proc/<pid>/maps`, proc(5); do_procmap_query in the kernel's
/// fs/proc/task_mmu.c.
#[pyclass(frozen, module = "procmaps")]
pub(in crate::python) struct Process {
    path: ProcessPath,
    /// `None` when closed. Whoever asks keeps the files open until the answer.
    process: Mutex<Option<Arc<process::Process>>>,
}

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
            process: Mutex::new(Some(Arc::new(process))),
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
    /// Unlike that, it is never about another process that has the pid by now.
    ///
    /// Raises ProcessLookupError if the process is gone, if only at the end.
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
    /// Its `path` is certain about newlines if the kernel was asked.
    ///
    /// Raises TypeError if the address is no integer, OverflowError if it is one
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

    /// Return the build ID of the ELF file that is mapped at an address, the
    /// content of its note NT_GNU_BUILD_ID; None where no regular file is mapped or
    /// it has none.
    ///
    /// The file is read, found as open() finds it. Where it can't be, and
    /// PROCMAP_QUERY is supported, the kernel reads it, as far as its name tells
    /// that it is a regular file, and knows build IDs of at most 20 bytes. What is
    /// no regular file is never read: a socket would lose what it has received.
    ///
    /// Raises what find() raises, and what open() raises for the file.
    fn build_id<'py>(
        &self,
        py: Python<'py>,
        address: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let address = integer(address, "address")?;
        let id = self.answer(py, |process| process.build_id(address))?;
        Ok(id.map(|id| PyBytes::new(py, &id)))
    }

    /// Open the file that is mapped, for reading in binary.
    ///
    /// It is found wherever the process lives, in a container too:
    /// `/proc/<pid>/map_files` has also what is deleted or has no path, such as a
    /// memfd, for those who have CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN; otherwise
    /// the program is opened through `/proc/<pid>/exe`, and what else has a path is
    /// looked up in `/proc/<pid>/root` and in the caller's root directory. What is
    /// opened is the mapped file or none: its device and inode are those of the map.
    /// Files of different btrfs subvolumes, or layers of an overlay, can have the same
    /// ones; there a link has to lead to the map's name, and a path to a file of the
    /// build ID that PROCMAP_QUERY gives. Its `name` is the pathname of the map.
    ///
    /// Raises ValueError for a map without a source, FileNotFoundError if the file
    /// is not there any more or another one is in its place, PermissionError if it
    /// can't be had with the rights at hand, ProcessLookupError if the process is
    /// gone.
    fn open<'py>(&self, py: Python<'py>, map_: &Bound<'py, Map>) -> PyResult<Bound<'py, PyAny>> {
        let map = map_.get();
        let fields = map.fields();
        let (Some(name), Some(pathname), true) =
            (map.name(), map.pathname(py)?, fields.has_source())
        else {
            return Err(wrong_value("map_", "a map with a source", map_));
        };
        let file = self.answer(py, |process| process.open_source(&fields, name))?;
        binary_io(py, file, pathname)
    }

    /// Close the files of the process. Closing twice does no harm; a question that
    /// another thread has put is still answered.
    fn close(&self) {
        let process = self
            .process
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(process);
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
