//! A table: batches that are there, or sources that are read when it is asked for.

use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::exceptions::{PyMemoryError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use super::arguments::{self, Looks};
use super::sources::Source;
use super::{documents, objects, signals};
use crate::arrow::sources::{SourceStream, Sources};
use crate::linux::procfs::ProcRoot;
use crate::python::linux::proc_root;
use crate::python::space::maps::Space;

/// What is behind procmaps.arrow.Table, which documents it.
#[pyclass(frozen, name = "_ArrowTable", module = "procmaps._procmaps")]
pub(in crate::python) struct Table {
    schema: SchemaRef,
    rows: Rows,
}

enum Rows {
    Ready(Vec<RecordBatch>),
    Unread(Arc<Sources<Source>>),
}

impl Table {
    pub(super) fn ready(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        let rows = Rows::Ready(batches);
        Self { schema, rows }
    }

    fn unread(sources: Sources<Source>) -> Self {
        let schema = sources.layout.schema();
        let rows = Rows::Unread(Arc::new(sources));
        Self { schema, rows }
    }

    /// The table of an address space.
    pub(in crate::python) fn of_space(space: &Space) -> PyResult<Self> {
        objects::space(space)
    }
}

#[pymethods]
impl Table {
    #[staticmethod]
    fn from_maps(
        maps: &Bound<'_, PyAny>,
        source: Option<&Bound<'_, PyAny>>,
        raw_names: bool,
        signed: bool,
    ) -> PyResult<Self> {
        objects::maps(maps, source, Looks { raw_names, signed })
    }

    #[staticmethod]
    fn from_usages(
        usages: &Bound<'_, PyAny>,
        source: Option<&Bound<'_, PyAny>>,
        raw_names: bool,
        signed: bool,
    ) -> PyResult<Self> {
        objects::usages(usages, source, Looks { raw_names, signed })
    }

    #[staticmethod]
    fn from_documents(
        pairs: &Bound<'_, PyAny>,
        what: &Bound<'_, PyAny>,
        errors: &Bound<'_, PyAny>,
        raw_names: bool,
        signed: bool,
    ) -> PyResult<Self> {
        let on_error = arguments::on_error(errors)?;
        let looks = Looks { raw_names, signed };
        let layout = looks.layout_of_sources(arguments::document(what)?, on_error);
        documents::table(pairs, layout, on_error)
    }

    #[staticmethod]
    fn from_paths(
        paths: &Bound<'_, PyAny>,
        what: &Bound<'_, PyAny>,
        errors: &Bound<'_, PyAny>,
        threads: Option<&Bound<'_, PyAny>>,
        raw_names: bool,
        signed: bool,
    ) -> PyResult<Self> {
        let on_error = arguments::on_error(errors)?;
        let looks = Looks { raw_names, signed };
        Ok(Self::unread(Sources {
            all: arguments::files(paths)?,
            layout: looks.layout_of_sources(arguments::document(what)?, on_error),
            on_error,
            threads: arguments::threads(threads)?,
        }))
    }

    #[staticmethod]
    #[allow(clippy::too_many_arguments)] // one for each of procmaps.arrow.from_pids
    fn from_pids(
        py: Python<'_>,
        pids: Option<&Bound<'_, PyAny>>,
        what: &Bound<'_, PyAny>,
        errors: &Bound<'_, PyAny>,
        threads: Option<&Bound<'_, PyAny>>,
        raw_names: bool,
        signed: bool,
        #[pyo3(from_py_with = proc_root::argument)] proc: ProcRoot,
    ) -> PyResult<Self> {
        let on_error = arguments::on_error(errors)?;
        let looks = Looks { raw_names, signed };
        let sources = Sources {
            all: arguments::processes(py, pids, &proc)?,
            layout: looks.layout_of_sources(arguments::document(what)?, on_error),
            on_error,
            threads: arguments::threads(threads)?,
        };
        documents::read_now(py, sources, &proc)
    }

    #[pyo3(signature = (requested_schema = None))]
    pub(in crate::python) fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // What is given may differ from what is asked for: the consumer converts it.
        let _ = requested_schema;
        let reader: Box<dyn RecordBatchReader + Send> = match &self.rows {
            Rows::Ready(batches) => {
                let batches = batches.clone().into_iter().map(Ok);
                Box::new(RecordBatchIterator::new(batches, Arc::clone(&self.schema)))
            }
            Rows::Unread(sources) => {
                let interrupt = signals::interrupt(py)?;
                Box::new(SourceStream::new(Arc::clone(sources), interrupt))
            }
        };
        // Dropped, a stream that nobody took over releases itself.
        let stream = FFI_ArrowArrayStream::new(reader);
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.schema.as_ref()).map_err(arrow_error)?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }

    #[getter]
    fn column_names<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.schema.fields().iter().map(|field| field.name()))
    }

    fn __repr__(&self) -> String {
        match &self.rows {
            Rows::Ready(batches) => {
                let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
                format!("<procmaps.arrow.Table of {}>", count(rows, "row"))
            }
            Rows::Unread(sources) => {
                format!(
                    "<procmaps.arrow.Table of {}>",
                    count(sources.all.len(), "file")
                )
            }
        }
    }
}

/// The exception for what the Arrow library says.
pub(super) fn arrow_error(error: ArrowError) -> PyErr {
    match error {
        ArrowError::MemoryError(_) => PyMemoryError::new_err(()),
        error => PyRuntimeError::new_err(error.to_string()),
    }
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
