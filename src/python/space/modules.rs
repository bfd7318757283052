//! The modules of an address space, by position and by name.

use std::collections::HashSet;

use pyo3::exceptions::PyLookupError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::python::space::address_space::AddressSpace;
use crate::python::space::module::Module;
use crate::python::space::records::{EncodedNames, pick};
use crate::space::modules;

/// The modules of an address space.
pub(in crate::python) struct Modules {
    modules: Py<PyTuple>,
    /// For each map the module that it belongs to.
    owners: Vec<Option<usize>>,
}

impl Modules {
    pub(in crate::python) fn of(maps: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let py = maps.py();
        let names = EncodedNames::of(maps)?;
        let mut owners = vec![None; maps.len()];
        let mut modules = Vec::new();
        for (number, positions) in modules::group(&names.records()?).into_iter().enumerate() {
            for &position in &positions {
                if let Some(owner) = owners.get_mut(position) {
                    *owner = Some(number);
                }
            }
            let maps = AddressSpace::of(pick(maps, positions)?.as_any())?;
            modules.push(Bound::new(py, Module::of(maps, py)?)?);
        }
        Ok(Self {
            modules: PyTuple::new(py, modules)?.unbind(),
            owners,
        })
    }

    pub(in crate::python) fn all<'py>(&self, py: Python<'py>) -> &Bound<'py, PyTuple> {
        self.modules.bind(py)
    }

    /// The module of the map at this position.
    pub(in crate::python) fn owner<'py>(
        &self,
        py: Python<'py>,
        position: usize,
    ) -> PyResult<Option<Bound<'py, Module>>> {
        let number = self.owners.get(position).copied().flatten();
        let module = number.map(|number| self.all(py).get_item(number));
        Ok(module.transpose()?.map(Bound::cast_into).transpose()?)
    }

    /// The module with this path, or this file name if it holds no slash. Of
    /// several the first with code: that is the one that was loaded.
    pub(in crate::python) fn named<'py>(
        &self,
        name: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, Module>> {
        let py = name.py();
        let is_path = name.contains("/")?;
        let mut first = None;
        let mut others = Vec::new();
        for item in self.all(py) {
            let module = item.cast_into::<Module>()?;
            let known = match module.get().file_path(py) {
                Some(path) if is_path => path,
                _ => module.get().file_name(py),
            };
            if !known.as_any().eq(name)? {
                others.push(known.clone());
            } else if module.get().has_code(py)? {
                return Ok(module);
            } else {
                first = first.or(Some(module));
            }
        }
        first.map_or_else(|| Err(no_module(name, &others)), Ok)
    }
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
