//! Functions from a pid, a path or text to what mappings cost.

use pyo3::exceptions::PyProcessLookupError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::formats::lines::Lines;
use crate::formats::smaps::records;
use crate::formats::smaps::usage::Sum;
use crate::linux::procfs::ProcRoot;
use crate::python::errors::parse_error;
use crate::python::formats::input::{BadLines, bytes_of_buffer, read_file, read_process_file};
use crate::python::formats::memory_usage::{MemoryUsage, Shared};
use crate::python::formats::sums::overflow;
use crate::python::formats::text::parse_str;
use crate::python::linux::proc_root;
use crate::python::signals::Signals;

/// Return what each memory mapping of a running process costs now.
///
/// The kernel walks through the page tables for it, so it takes longer than
/// from_pid(). A kernel thread or a zombie has no maps: the list is empty.
///
/// Raises ProcessLookupError if there is no such process, PermissionError if
/// its maps may not be read (ptrace(2) access mode PTRACE_MODE_READ_FSCREDS),
/// another OSError if reading fails otherwise, all with `errno` and `filename`;
/// NotImplementedError on systems other than Linux.
///
/// Source: `/proc/<pid>/smaps`, proc(5).
#[pyfunction]
#[pyo3(
    signature = (pid, *, proc = ProcRoot::default()),
    text_signature = "(pid, *, proc='/proc')"
)]
pub(in crate::python) fn smaps_from_pid<'py>(
    py: Python<'py>,
    pid: &Bound<'py, PyAny>,
    #[pyo3(from_py_with = proc_root::argument)] proc: ProcRoot,
) -> PyResult<Bound<'py, PyList>> {
    let path = proc_root::process_path(pid, proc)?;
    let text = read_process_file(py, &path, "smaps")?;
    list(py, Lines::from_kernel(&text))
}

/// Return what each memory mapping in a file costs, such as a saved copy of
/// `/proc/<pid>/smaps` or `/proc/<pid>/smaps_rollup`.
///
/// Raises the OSError that the system means, with `errno` and `filename`, and
/// ParseError at the first line that does not belong there.
#[pyfunction]
pub(in crate::python) fn smaps_from_path<'py>(
    py: Python<'py>,
    path: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    let text = read_file(py, path)?;
    list(py, Lines::from_file(&text))
}

/// Return what each memory mapping costs in text that has the form of
/// `/proc/<pid>/smaps`: a maps line, then fields such as `Rss: 4 kB`, in any
/// order and spacing.
///
/// Bytes of a name that are not UTF-8 are expected as `surrogateescape` gives
/// them. Raises ParseError at the first line that does not belong there; plain
/// maps text, which has no fields, is refused too.
#[pyfunction]
pub(in crate::python) fn smaps_from_str<'py>(
    py: Python<'py>,
    smaps_data: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    parse_str(smaps_data, "smaps_data", BadLines::Refuse, |lines| {
        list(py, lines)
    })
}

/// Return what each memory mapping costs in bytes that have the form of
/// `/proc/<pid>/smaps`; see smaps_from_str().
///
/// Takes bytes, bytearray, memoryview or any other object with a buffer.
#[pyfunction]
pub(in crate::python) fn smaps_from_bytes<'py>(
    py: Python<'py>,
    smaps_data: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    let bytes = bytes_of_buffer(smaps_data, "smaps_data")?;
    list(py, Lines::from_file(bytes.as_bytes()))
}

/// Return what all mappings of a running process cost together, as the kernel
/// adds it up: a MemoryUsage whose map is the range from the first to the last,
/// named '[rollup]'.
///
/// The kernel leaves out `size`, and fields that can't be added up. It has
/// pss_anon, pss_file and pss_shmem, which single mappings don't have. Kernels
/// before 4.14 have no such file: there it is sum_usage(smaps_from_pid(pid)), as
/// it is for a process without maps, whose sum is 0.
///
/// Raises what smaps_from_pid() raises.
///
/// Source: `/proc/<pid>/smaps_rollup`; show_smaps_rollup in the kernel's
/// fs/proc/task_mmu.c.
#[pyfunction]
#[pyo3(
    signature = (pid, *, proc = ProcRoot::default()),
    text_signature = "(pid, *, proc='/proc')"
)]
pub(in crate::python) fn rollup<'py>(
    py: Python<'py>,
    pid: &Bound<'py, PyAny>,
    #[pyo3(from_py_with = proc_root::argument)] proc: ProcRoot,
) -> PyResult<Bound<'py, MemoryUsage>> {
    let path = proc_root::process_path(pid, proc)?;
    rollup_of(py, &|name| read_process_file(py, &path, name))
}

/// The rollup of a process whose files `read` reads.
pub(in crate::python) fn rollup_of<'py>(
    py: Python<'py>,
    read: &dyn Fn(&str) -> PyResult<Vec<u8>>,
) -> PyResult<Bound<'py, MemoryUsage>> {
    match read("smaps_rollup") {
        Ok(text) => {
            if let Some(record) = records(Lines::from_kernel(&text)).next() {
                let record = record.map_err(|error| parse_error(py, &error))?;
                let usage = MemoryUsage::from_record(py, &record, &mut Shared::default())?;
                return Bound::new(py, usage);
            }
        }
        Err(error) if error.value(py).is_instance_of::<PyProcessLookupError>() => {}
        Err(error) => return Err(error),
    }
    // Neither an old kernel nor a process without maps has a rollup.
    let text = read("smaps")?;
    let mut sum = Sum::default();
    for record in records(Lines::from_kernel(&text)) {
        let record = record.map_err(|error| parse_error(py, &error))?;
        sum.add(&record.map.fields, &record.usage)
            .map_err(overflow)?;
    }
    Bound::new(py, MemoryUsage::from_sum(py, &sum)?)
}

/// One `MemoryUsage` per mapping, in the order of the text.
pub(in crate::python) fn list<'py>(
    py: Python<'py>,
    lines: Lines<'_>,
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    let mut shared = Shared::default();
    let mut signals = Signals::default();
    let mut records = records(lines);
    let mut before = records.bytes_left();
    while let Some(record) = records.next() {
        let record = record.map_err(|error| parse_error(py, &error))?;
        let usage = MemoryUsage::from_record(py, &record, &mut shared)?;
        list.append(Bound::new(py, usage)?)?;
        // A record can have thousands of fields.
        let left = records.bytes_left();
        signals.after(py, before.saturating_sub(left))?;
        before = left;
    }
    Ok(list)
}
