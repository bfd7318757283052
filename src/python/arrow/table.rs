//! A table: batches that are there, or sources that are read when it is asked for.

mod methods;

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::exceptions::{PyMemoryError, PyRuntimeError};
use pyo3::prelude::*;

use super::signals;
use super::sources::Source;
use crate::arrow::sources::{SourceStream, Sources};

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

    pub(super) fn unread(sources: Sources<Source>) -> Self {
        let schema = sources.layout.schema();
        let rows = Rows::Unread(Arc::new(sources));
        Self { schema, rows }
    }

    /// Reads the rows from the beginning.
    fn reader(&self, py: Python<'_>) -> PyResult<Box<dyn RecordBatchReader + Send>> {
        Ok(match &self.rows {
            Rows::Ready(batches) => {
                let batches = batches.clone().into_iter().map(Ok);
                Box::new(RecordBatchIterator::new(batches, Arc::clone(&self.schema)))
            }
            Rows::Unread(sources) => {
                let interrupt = signals::interrupt(py)?;
                Box::new(SourceStream::new(Arc::clone(sources), interrupt))
            }
        })
    }

    fn describe(&self) -> String {
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
