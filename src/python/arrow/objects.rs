//! Tables of objects that are there: maps and memory usages.

use arrow_array::RecordBatch;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytesMethods, PyFrozenSet, PyString};

use super::arguments::{Looks, source_name};
use super::table::{Table, arrow_error};
use crate::arrow::batch::{BatchBuilder, LONGEST_NAME};
use crate::arrow::error::Reason;
use crate::arrow::{printable, sorted_flags};
use crate::formats::error::Document;
use crate::mapping::Lend;
use crate::python::convert::{encode, wrong_type};
use crate::python::formats::memory_usage::MemoryUsage;
use crate::python::mapping::map::Map;
use crate::python::space::maps::Space;

/// The table of an iterable of `Map`.
pub(super) fn maps(
    maps: &Bound<'_, PyAny>,
    source: Option<&Bound<'_, PyAny>>,
    looks: Looks,
) -> PyResult<Table> {
    let mut rows = Rows::new(Document::Maps, source, looks)?;
    for map in maps.try_iter()? {
        let map = map?;
        match map.cast::<Map>() {
            Ok(map) => rows.push_map(map.get())?,
            Err(_) => return Err(wrong_type("each of maps", "a Map", &map)),
        }
        rows.end_row()?;
    }
    rows.finish()
}

/// The table of an iterable of `MemoryUsage`.
pub(super) fn usages(
    usages: &Bound<'_, PyAny>,
    source: Option<&Bound<'_, PyAny>>,
    looks: Looks,
) -> PyResult<Table> {
    let mut rows = Rows::new(Document::Smaps, source, looks)?;
    for usage in usages.try_iter()? {
        let usage = usage?;
        match usage.cast::<MemoryUsage>() {
            Ok(usage) => rows.push_usage(usage.py(), usage.get())?,
            Err(_) => return Err(wrong_type("each of usages", "a MemoryUsage", &usage)),
        }
        rows.end_row()?;
    }
    rows.finish()
}

/// The table of an address space.
pub(in crate::python) fn space(space: &Space) -> PyResult<Table> {
    let mut rows = Rows::new(Document::Maps, None, Looks::default())?;
    for map in space.maps() {
        rows.push_map(map.get())?;
        rows.end_row()?;
    }
    rows.finish()
}

/// Rows of objects, all from one source.
struct Rows {
    source: String,
    builder: BatchBuilder,
    batches: Vec<RecordBatch>,
}

impl Rows {
    fn new(document: Document, source: Option<&Bound<'_, PyAny>>, looks: Looks) -> PyResult<Self> {
        let name = source.map(source_name).transpose()?;
        let name = name.as_ref().map(PyBytesMethods::as_bytes);
        Ok(Self {
            source: printable(name.unwrap_or_default()).into_owned(),
            builder: BatchBuilder::new(looks.layout(document, source.is_some())),
            batches: Vec::new(),
        })
    }

    #[inline]
    fn push_map(&mut self, map: &Map) -> PyResult<()> {
        let name = map.name();
        let length = name.map_or(0, |name| name.as_bytes().len());
        if length > LONGEST_NAME {
            let message = Reason::TooLong(length).to_string();
            return Err(PyValueError::new_err(message));
        }
        self.builder.push_mapping(&self.source, &map.fields(), name);
        Ok(())
    }

    fn push_usage(&mut self, py: Python<'_>, usage: &MemoryUsage) -> PyResult<()> {
        let (map, numbers) = usage.parts();
        self.push_map(map)?;
        let flags = usage.vm_flags(py).map(|flags| flag_text(flags.bind(py)));
        self.builder
            .push_usage(numbers, flags.transpose()?.as_deref());
        Ok(())
    }

    #[inline]
    fn end_row(&mut self) -> PyResult<()> {
        if self.builder.is_full() {
            self.batches
                .push(self.builder.finish().map_err(arrow_error)?);
        }
        Ok(())
    }

    fn finish(mut self) -> PyResult<Table> {
        if self.builder.rows() > 0 {
            self.batches
                .push(self.builder.finish().map_err(arrow_error)?);
        }
        Ok(Table::ready(self.builder.schema().clone(), self.batches))
    }
}

/// The codes of a set of flags as the column has them.
fn flag_text(flags: &Bound<'_, PyFrozenSet>) -> PyResult<String> {
    let mut codes = Vec::new();
    for code in flags {
        let code = encode(code.cast::<PyString>()?)?;
        codes.push(printable(code.as_bytes()).into_owned());
    }
    Ok(sorted_flags(codes.into_iter()))
}
