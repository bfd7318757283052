//! The arguments of `MemoryUsage`: what each may be, and its errors.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFrozenSet, PyMapping, PyString};

use super::MemoryUsage;
use crate::formats::smaps::usage::{Field, Unit, Usage};
use crate::python::convert::{integer, wrong_type};
use crate::python::mapping::map::Map;

/// What the constructor makes of its arguments.
pub(super) fn read(
    map: &Bound<'_, PyAny>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<MemoryUsage> {
    let map = map
        .cast::<Map>()
        .map_err(|_| wrong_type("map", "a Map", map))?;
    let mut made = MemoryUsage {
        map: map.get().clone_ref(),
        map_object: PyOnceLock::new(),
        usage: Usage::default(),
        vm_flags: None,
        extra: None,
    };
    made.map_object
        .get_or_init(map.py(), || map.clone().unbind());
    for (name, value) in keywords.into_iter().flat_map(PyDictMethods::iter) {
        let name = name.cast::<PyString>()?.to_cow()?;
        match (Field::from_attribute(&name), &*name) {
            (None, "extra") => made.extra = extra(&value)?,
            (None, "vm_flags") => made.vm_flags = vm_flags(&value)?,
            (None, _) => {
                let message = format!("MemoryUsage has no argument '{name}'");
                return Err(PyTypeError::new_err(message));
            }
            (Some(_), _) if value.is_none() => {}
            (Some(field), _) => {
                made.usage.insert(field, number(field, &value)?);
            }
        }
    }
    Ok(made)
}

fn number(field: Field, value: &Bound<'_, PyAny>) -> PyResult<u64> {
    let name = field.attribute();
    match field.unit() {
        Unit::Flag => match value.cast::<PyBool>() {
            Ok(flag) => Ok(flag.is_true().into()),
            Err(_) => Err(wrong_type(name, "a bool or None", value)),
        },
        Unit::Bytes | Unit::BytesPerPage | Unit::Key => integer(value, name),
    }
}

fn vm_flags(value: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyFrozenSet>>> {
    if value.is_none() {
        return Ok(None);
    }
    let refused = || wrong_type("vm_flags", "an iterable of str or None", value);
    // A str is an iterable of str too, but its letters are no codes.
    if value.is_instance_of::<PyString>() {
        return Err(refused());
    }
    let mut codes = Vec::new();
    for code in value.try_iter().map_err(|_| refused())? {
        codes.push(code?.cast_into::<PyString>().map_err(|_| refused())?);
    }
    Ok(Some(PyFrozenSet::new(value.py(), codes)?.unbind()))
}

fn extra(value: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyDict>>> {
    let refused = || wrong_type("extra", "a mapping of str to int or str", value);
    let mapping = value.cast::<PyMapping>().map_err(|_| refused())?;
    let extra = PyDict::new(value.py());
    for item in mapping.items()? {
        let (name, value) = item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
        let name = name.cast_into::<PyString>().map_err(|_| refused())?;
        if value.is_instance_of::<PyString>() {
            extra.set_item(name, value)?;
        } else {
            extra.set_item(name, integer::<u64>(&value, "extra")?)?;
        }
    }
    Ok((!extra.is_empty()).then(|| extra.unbind()))
}
