//! One interpreter of a process has the module.
//!
//! Classes are made once in a process and belong to the interpreter that made
//! them. CPython 3.12 and newer keeps such a module out of other interpreters;
//! before, nothing does, and their objects would be mixed.

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// The `sys` of the interpreter that came first: each interpreter has its own.
static SYS: PyOnceLock<Py<PyModule>> = PyOnceLock::new();

/// Takes the module for this interpreter.
///
/// # Errors
///
/// `ImportError` where another one has it.
pub(super) fn claim(py: Python<'_>) -> PyResult<()> {
    let sys = py.import("sys")?;
    if SYS.get_or_init(py, || sys.clone().unbind()).is(&sys) {
        return Ok(());
    }
    Err(PyImportError::new_err(
        "procmaps does not support subinterpreters: another interpreter has it",
    ))
}
