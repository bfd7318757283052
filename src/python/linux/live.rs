//! What a live process answers, as Python objects.

use std::fs::File;
use std::io;
#[cfg(unix)]
use std::os::fd::{AsRawFd, IntoRawFd};

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::linux::process;
use crate::linux::procfs::{ProcRoot, ProcessPath};
use crate::python::convert::integer;
use crate::python::errors::process_error;
use crate::python::linux::proc_root;
use crate::python::mapping::map::Map;

/// Return the map of a running process that contains an address, or None: one
/// question to a Process that is opened for it. For several addresses keep a
/// Process open: it can't be confused with another one that gets the pid later.
///
/// Raises what Process() and Process.find() raise.
#[pyfunction]
#[pyo3(
    signature = (pid, address, *, proc = ProcRoot::default()),
    text_signature = "(pid, address, *, proc='/proc')"
)]
pub(in crate::python) fn find(
    py: Python<'_>,
    pid: &Bound<'_, PyAny>,
    address: &Bound<'_, PyAny>,
    #[pyo3(from_py_with = proc_root::argument)] proc: ProcRoot,
) -> PyResult<Option<Map>> {
    let path = proc_root::process_path(pid, proc)?;
    let address = integer(address, "address")?;
    let mapping = without_gil(py, &path, "maps", || process::find_once(&path, address))?;
    mapping
        .map(|found| Map::from_parts(py, found.fields, found.name))
        .transpose()
}

/// Puts a question about a process, to the file of that name, with the GIL
/// released, again after each signal.
pub(in crate::python) fn without_gil<T: Send>(
    py: Python<'_>,
    path: &ProcessPath,
    name: &str,
    question: impl Fn() -> io::Result<T> + Sync,
) -> PyResult<T> {
    loop {
        match py.detach(&question) {
            Ok(answer) => return Ok(answer),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => py.check_signals()?,
            Err(error) => return Err(process_error(py, error, path, name)),
        }
    }
}

/// A file as what open() of Python gives, with a name.
#[cfg(unix)]
pub(in crate::python) fn binary_io<'py>(
    py: Python<'py>,
    file: File,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    let io = py.import("io")?;
    let raw = io.call_method1("FileIO", (file.as_raw_fd(), "rb"))?;
    // It is Python's to close from here on.
    let _descriptor = file.into_raw_fd();
    raw.setattr("name", name)?;
    io.call_method1("BufferedReader", (raw,))
}

#[cfg(not(unix))]
pub(in crate::python) fn binary_io<'py>(
    _py: Python<'py>,
    _file: File,
    _name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    Err(io::Error::from(io::ErrorKind::Unsupported).into())
}
