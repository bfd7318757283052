//! What Python sees of a table: how it is made, and its Arrow interface.

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_schema::ffi::FFI_ArrowSchema;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use super::{Table, arrow_error};
use crate::arrow::sources::Sources;
use crate::linux::procfs::ProcRoot;
use crate::python::arrow::arguments::{self, Looks};
use crate::python::arrow::{documents, objects};
use crate::python::linux::proc_root;

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
        // Dropped, a stream that nobody took over releases itself.
        let stream = FFI_ArrowArrayStream::new(self.reader(py)?);
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
        self.describe()
    }
}
