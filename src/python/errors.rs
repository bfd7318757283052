//! Errors as exceptions.

use std::collections::TryReserveError;
use std::io;
use std::path::Path;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyMemoryError, PyNotImplementedError, PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::formats::core_file::CoreError;
use crate::formats::error::{self, Document};
use crate::linux::lookup::FileError;
use crate::linux::procfs::{self, ProcessPath};
use crate::python::convert::decode;

/// `procmaps.ParseError`.
static PARSE_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// The class `procmaps.ParseError`. The module imports it when it is made: while
/// an interpreter ends an import fails.
pub(super) fn parse_error_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    PARSE_ERROR.import(py, "procmaps.errors", "ParseError")
}

/// The `procmaps.ParseError` for an error in text.
pub(super) fn parse_error(py: Python<'_>, error: &error::ParseError) -> PyErr {
    match decode(py, &error.line) {
        Ok(line) => new_parse_error(error.line_number, line.into_any(), reason(error)),
        Err(error) => error,
    }
}

/// The `procmaps.ParseError` with these arguments.
pub(super) fn new_parse_error(line_number: u64, line: Bound<'_, PyAny>, reason: String) -> PyErr {
    match parse_error_class(line.py()) {
        Ok(class) => PyErr::from_type(class.clone(), (line_number, line.unbind(), reason)),
        Err(error) => error,
    }
}

/// The exception for a core file that can't be read.
pub(super) fn core_error(error: &CoreError, filename: &Bound<'_, PyAny>) -> PyErr {
    match error {
        CoreError::System(error) => os_error(error, filename),
        CoreError::Content(error) => match parse_error_class(filename.py()) {
            Ok(class) => {
                let arguments = (0, "", error.reason.clone(), error.offset);
                PyErr::from_type(class.clone(), arguments)
            }
            Err(error) => error,
        },
    }
}

/// The reason, and what to use for text of another kind.
fn reason(error: &error::ParseError) -> String {
    let reason = &error.reason;
    match error.seems {
        None => reason.clone(),
        Some(Document::Maps) => {
            format!("{reason} (this is plain maps text, for from_str and the like)")
        }
        Some(Document::Smaps) => {
            format!("{reason} (this is smaps text, for smaps_from_str and the like)")
        }
    }
}

/// ENOENT, which has this number wherever Python runs.
const NO_ENTRY: i32 = 2;

/// The subclass of `OSError` that the system means, with errno and filename.
pub(super) fn os_error(error: &io::Error, filename: &Bound<'_, PyAny>) -> PyErr {
    match (error.raw_os_error(), error.kind()) {
        #[cfg(not(windows))]
        (Some(errno), _) => os_error_from_errno(errno, filename),
        // Python finds the errno of an error that Windows numbers.
        #[cfg(windows)]
        (Some(number), _) => {
            PyOSError::new_err((0, error.to_string(), filename.clone().unbind(), number))
        }
        (None, io::ErrorKind::OutOfMemory) => PyMemoryError::new_err(()),
        // Such as a directory that is no procfs: the reason is our own.
        (None, io::ErrorKind::NotFound) => {
            PyOSError::new_err((NO_ENTRY, error.to_string(), filename.clone().unbind()))
        }
        // Such as a path that holds a NUL, which no system call sees.
        (None, _) => match filename.repr() {
            Ok(filename) => PyValueError::new_err(format!("{error}: {filename}")),
            Err(error) => error,
        },
    }
}

/// The exception for something that there is no room for.
pub(super) fn no_memory(_: TryReserveError) -> PyErr {
    PyMemoryError::new_err(())
}

/// The exception for an error that a file of a process gave.
pub(super) fn process_error(
    py: Python<'_>,
    error: io::Error,
    process: &ProcessPath,
    name: &str,
) -> PyErr {
    let error = match error.downcast::<FileError>() {
        Ok(error) => return file_error(py, &error),
        Err(error) => error,
    };
    if error.kind() == io::ErrorKind::Unsupported && error.raw_os_error().is_none() {
        return PyNotImplementedError::new_err(format!(
            "only Linux has /proc/<pid>/{name}; stored copies are parsed on every system"
        ));
    }
    if procfs::is_no_such_process(&error) {
        return match process.root().check() {
            Ok(()) => {
                let gone = io::Error::from_raw_os_error(procfs::NO_SUCH_PROCESS);
                path_error(py, &gone, &process.file(name))
            }
            Err(error) => path_error(py, &error, process.root().path()),
        };
    }
    match error.downcast::<error::ParseError>() {
        Ok(error) => parse_error(py, &error),
        Err(error) => path_error(py, &error, &process.file(name)),
    }
}

/// As [`os_error`], for a path of our own.
pub(super) fn path_error(py: Python<'_>, error: &io::Error, path: &Path) -> PyErr {
    match path.as_os_str().into_bound_py_any(py) {
        Ok(filename) => os_error(error, &filename),
        Err(error) => error,
    }
}

/// The exception for what a mapped file gave, with the name of its mapping.
fn file_error(py: Python<'_>, error: &FileError) -> PyErr {
    match decode(py, &error.name) {
        Ok(name) => os_error(&error.error, &name),
        Err(error) => error,
    }
}

/// As [`os_error`], from the number alone.
fn os_error_from_errno(errno: i32, filename: &Bound<'_, PyAny>) -> PyErr {
    let strerror = || {
        filename
            .py()
            .import("os")?
            .call_method1("strerror", (errno,))
    };
    match strerror() {
        Ok(message) => PyOSError::new_err((errno, message.unbind(), filename.clone().unbind())),
        Err(error) => error,
    }
}
