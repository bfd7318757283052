//! Modules by their names.

use std::collections::HashSet;

use pyo3::exceptions::{PyLookupError, PyUnicodeEncodeError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use crate::mapping::Name;
use crate::python::convert::{decode, encode, tuple};
use crate::python::space::module::Module;

/// The module with this path or printed name, or this file name if it holds no
/// slash. Of several the first with code: that is the one that was loaded.
pub(in crate::python) fn named<'py>(
    modules: &Bound<'py, PyTuple>,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, Module>> {
    let py = name.py();
    let asked = match encode(name) {
        Ok(bytes) => bytes,
        // No file can have such a name.
        Err(error) if error.is_instance_of::<PyUnicodeEncodeError>(py) => {
            return Err(no_module(name, &[]));
        }
        Err(error) => return Err(error),
    };
    let is_path = asked.as_bytes().contains(&b'/');
    let mut first = None;
    let mut others = Vec::new();
    for item in modules {
        let module = item.cast_into::<Module>()?;
        let name = module.get().file();
        let known = match name.and_then(Name::path) {
            Some(path) if is_path => path,
            _ => name.map_or(&b""[..], Name::file_name),
        };
        let printed = name.map_or(&b""[..], Name::as_bytes);
        if known != asked.as_bytes() && printed != asked.as_bytes() {
            others.push(decode(py, known)?);
        } else if module.get().has_code() {
            return Ok(module);
        } else {
            first = first.or(Some(module));
        }
    }
    first.map_or_else(|| Err(no_module(name, &others)), Ok)
}

/// The modules whose file name, path or printed name a pattern matches, as
/// `fnmatch.fnmatchcase` does, and that have code or not as asked.
pub(in crate::python) fn matching<'py>(
    modules: &Bound<'py, PyTuple>,
    pattern: &Bound<'py, PyString>,
    executable: Option<bool>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = pattern.py();
    let matches = py.import("fnmatch")?.getattr("fnmatchcase")?;
    let found = PyList::empty(py);
    for item in modules {
        let module = item.cast::<Module>()?.get();
        if executable.is_some_and(|asked| asked != module.has_code()) {
            continue;
        }
        let name = module.file();
        let names = [
            name.map(Name::file_name),
            name.and_then(Name::path),
            name.map(Name::as_bytes),
        ];
        for name in names.into_iter().flatten() {
            if matches.call1((decode(py, name)?, pattern))?.is_truthy()? {
                found.append(&item)?;
                break;
            }
        }
    }
    tuple(py, found.iter())
}

/// The error for a name that no module has; it gives those that come near.
fn no_module(name: &Bound<'_, PyString>, others: &[Bound<'_, PyString>]) -> PyErr {
    let near = near(name, others).and_then(|near| Ok((name.repr()?, near)));
    match near {
        Ok((name, near)) if near.is_empty() => {
            PyLookupError::new_err(format!("no module is named {name}"))
        }
        Ok((name, near)) => PyLookupError::new_err(format!(
            "no module is named {name}; near: {}",
            near.join(", ")
        )),
        Err(error) => error,
    }
}

/// At most this many names are given.
const NEAR: usize = 5;

/// The names that hold this one, or its last part, then those spelt much like it.
fn near(name: &Bound<'_, PyString>, others: &[Bound<'_, PyString>]) -> PyResult<Vec<String>> {
    let part = name.call_method1("rpartition", ("/",))?.get_item(2)?;
    let alike = name.py().import("difflib")?.getattr("get_close_matches")?;
    let alike: Vec<Bound<'_, PyString>> = alike.call1((name, others.to_vec()))?.extract()?;
    let mut near: Vec<String> = Vec::new();
    if !part.is_empty()? {
        for other in others {
            if other.contains(&part)? {
                near.push(other.repr()?.extract()?);
            }
        }
    }
    for other in alike {
        near.push(other.repr()?.extract()?);
    }
    let mut seen = HashSet::new();
    near.retain(|name| seen.insert(name.clone()));
    near.truncate(NEAR);
    Ok(near)
}
