//! The argument `proc`, a mount of procfs, and which processes it shows.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use pyo3::exceptions::PyNotImplementedError;
use pyo3::prelude::*;

use crate::linux::procfs::{ProcRoot, ProcessPath};
use crate::python::convert::integer;
use crate::python::errors::{os_error, path_error};

/// Return the numbers of all processes, in their order.
///
/// `proc` is the mount of procfs to look in, such as that of a container's host,
/// `/host/proc`. A mount with the option hidepid=2 lists only processes of the
/// same user, and does not tell that it hides others; see proc(5).
///
/// Raises FileNotFoundError if `proc` is not there or no procfs is mounted at it,
/// with `errno` and `filename`; NotImplementedError on systems other than Linux.
#[pyfunction]
#[pyo3(signature = (*, proc = ProcRoot::default()), text_signature = "(*, proc='/proc')")]
pub(in crate::python) fn pids(
    py: Python<'_>,
    #[pyo3(from_py_with = argument)] proc: ProcRoot,
) -> PyResult<Vec<i32>> {
    py.detach(|| proc.pids())
        .map_err(|error| proc_error(py, &error, &proc))
}

/// The mount that an argument names.
pub(in crate::python) fn argument(path: &Bound<'_, PyAny>) -> PyResult<ProcRoot> {
    let path = path.py().import("os")?.call_method1("fsdecode", (path,))?;
    let root = ProcRoot::new(Path::new(&path.extract::<OsString>()?));
    root.map_err(|error| os_error(&error, &path))
}

/// The process that arguments name.
pub(in crate::python) fn process_path(
    pid: &Bound<'_, PyAny>,
    proc: ProcRoot,
) -> PyResult<ProcessPath> {
    Ok(ProcessPath::new(proc, integer(pid, "pid")?))
}

/// The exception for an error that a mount of procfs gave, or what is none.
fn proc_error(py: Python<'_>, error: &io::Error, root: &ProcRoot) -> PyErr {
    if error.kind() == io::ErrorKind::Unsupported && error.raw_os_error().is_none() {
        return PyNotImplementedError::new_err("only Linux has /proc/<pid>");
    }
    path_error(py, error, root.path())
}
