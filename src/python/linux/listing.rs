//! All maps of a live process, as a list.

use std::io;

use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::formats::lines::Lines;
use crate::linux::filter::Filter;
use crate::linux::listing::{Batch, Listing, Step};
use crate::linux::procfs::{ProcRoot, ProcessPath};
use crate::mapping::{Fields, Spelling};
use crate::python::errors::process_error;
use crate::python::formats::input::BadLines;
use crate::python::formats::maps::collect_if;
use crate::python::linux::proc_root;
use crate::python::mapping::collection::Collection;
use crate::python::mapping::map::Map;
use crate::python::mapping::source::Sources;
use crate::python::mapping::untracked;

/// Return the memory maps of a running process, as the kernel lists them now.
///
/// Where it is faster than reading the text, the kernel is asked for one map
/// after the other (ioctl PROCMAP_QUERY, Linux 6.11). The answer is the same,
/// and `path` is then right about newlines in every case.
///
/// A filter that is True keeps the maps that have the property, one that is
/// False the maps that lack it; None keeps both. The kernel itself looks for
/// properties that are True. A map is file_backed if it has a source: a file, a
/// device or shared memory.
///
/// A kernel thread or a zombie has no maps: the list is empty. If the first
/// thread of a process has ended, a living thread is read. If a process changes
/// its maps while they are listed, the list is not that of one moment (neither
/// is the text, since Linux 6.17): a page that is mapped meanwhile can be listed
/// twice or not at all. A map that stays all the time is listed.
///
/// `proc` is the mount of procfs to look in; see pids().
///
/// Raises ProcessLookupError if there is no such process, PermissionError if
/// its maps may not be read (ptrace(2) access mode PTRACE_MODE_READ_FSCREDS),
/// another OSError if reading fails otherwise, all with `errno` and `filename`;
/// NotImplementedError on systems other than Linux.
///
/// Source: `/proc/<pid>/maps`, proc(5); do_procmap_query in the kernel's
/// fs/proc/task_mmu.c.
#[pyfunction]
#[pyo3(
    signature = (
        pid, *, readable = None, writable = None, executable = None, shared = None,
        file_backed = None, proc = ProcRoot::default()
    ),
    text_signature = "(pid, *, readable=None, writable=None, executable=None, \
                      shared=None, file_backed=None, proc='/proc')"
)]
#[allow(clippy::too_many_arguments)] // one for each filter
pub(in crate::python) fn from_pid<'py>(
    py: Python<'py>,
    pid: &Bound<'py, PyAny>,
    readable: Option<bool>,
    writable: Option<bool>,
    executable: Option<bool>,
    shared: Option<bool>,
    file_backed: Option<bool>,
    #[pyo3(from_py_with = proc_root::argument)] proc: ProcRoot,
) -> PyResult<Bound<'py, PyList>> {
    let filter = Filter::new(readable, writable, executable, shared, file_backed);
    let path = proc_root::process_path(pid, proc)?;
    collect(py, &path, filter, Listing::of_path(&path, filter))
}

/// A listing as what is made of maps, asked for with the GIL released, batch by batch.
pub(in crate::python) fn collect<'py, C: Collection<'py>>(
    py: Python<'py>,
    path: &ProcessPath,
    filter: Filter,
    mut listing: Listing<'_>,
) -> PyResult<C> {
    let mut maps = C::empty(py);
    let mut sources = Sources::new(Spelling::Raw);
    let mut batch = Batch::default();
    let mut last_begin = None;
    loop {
        let is_last = match py.detach(|| listing.advance(&mut batch)) {
            Ok(Step::Batch) => false,
            Ok(Step::LastBatch) => true,
            Ok(Step::Text(text)) => {
                let is_wanted = |fields: &Fields| filter.admits(fields);
                let lines = Lines::from_kernel(&text);
                return collect_if(py, lines, BadLines::Refuse, is_wanted);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                py.check_signals()?;
                continue;
            }
            Err(error) => return Err(process_error(py, error, path, "maps")),
        };
        for (fields, name) in batch.iter() {
            let begin = fields.begin_address;
            if last_begin.is_some_and(|last| begin <= last) {
                // It reaches below the end of the last one, in the place of mappings
                // that were there before.
                maps.pop_from(begin)?;
            }
            last_begin = Some(begin);
            let source = sources.get(py, fields.device, name)?;
            maps.push(untracked::new(py, Map::from_source(fields, source))?)?;
        }
        if is_last {
            return Ok(maps);
        }
        py.check_signals()?;
    }
}
