//! Rows, gathered into record batches of bounded size.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};

use super::error::Reason;
use super::layout::Layout;
use super::mappings::MappingColumns;
use super::usages::UsageColumns;
use crate::formats::error::Document;
use crate::formats::smaps::usage::Usage;
use crate::mapping::{Fields, Name};

/// How many rows make a batch: so few that the allocator hands out the same memory
/// again for the next one. Four times as many take a third longer to fill.
pub(super) const ROWS: usize = 1 << 12;

/// How much text in one column makes a batch, in bytes.
const TEXT: usize = 1 << 23;

/// The longest name, of a mapping or a source, that goes into a table, in bytes. Escaped, it takes four times as
/// much, and a column holds less than 2 gigabytes of text.
pub const LONGEST_NAME: usize = 1 << 28;

/// Rows on their way into a record batch.
#[derive(Debug)]
pub struct BatchBuilder {
    layout: Layout,
    schema: SchemaRef,
    rows: usize,
    source: StringBuilder,
    mapping: MappingColumns,
    usage: Option<UsageColumns>,
    error: StringBuilder,
}

impl BatchBuilder {
    /// No rows yet.
    pub fn new(layout: Layout) -> Self {
        Self {
            layout,
            schema: layout.schema(),
            rows: 0,
            source: StringBuilder::new(),
            mapping: MappingColumns::with_room_of(layout, 0, None),
            usage: (layout.document == Document::Smaps).then(UsageColumns::new),
            error: StringBuilder::new(),
        }
    }

    /// What the rows look like.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// How many rows there are.
    #[inline]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a mapping from a source, which counts only where the layout has sources.
    /// Neither name may have more bytes than [`LONGEST_NAME`].
    #[inline]
    pub fn push_mapping(&mut self, source: &str, fields: &Fields, name: Option<&Name>) {
        self.mapping.push(fields, name);
        if self.layout.has_source {
            self.source.append_value(source);
        }
        if self.layout.has_error {
            self.error.append_null();
        }
        self.rows = self.rows.saturating_add(1);
    }

    /// Adds what the mapping costs that was added last; the codes of `VmFlags` are
    /// separated by spaces.
    #[inline]
    pub fn push_usage(&mut self, usage: &Usage, vm_flags: Option<&str>) {
        if let Some(columns) = &mut self.usage {
            columns.push(usage, vm_flags);
        }
    }

    /// Adds the row of a source that failed.
    pub fn push_error(&mut self, source: &str, reason: &Reason) {
        self.mapping.push_null();
        if let Some(usage) = &mut self.usage {
            usage.push(&Usage::default(), None);
        }
        self.source.append_value(source);
        self.error.append_value(reason.to_string());
        self.rows = self.rows.saturating_add(1);
    }

    /// Whether the rows make a batch.
    #[inline]
    pub fn is_full(&self) -> bool {
        let usage = self.usage.as_ref().map_or(0, UsageColumns::text_len);
        self.rows >= ROWS
            || self.mapping.text_len() >= TEXT
            || self.source.values_slice().len() >= TEXT
            || usage >= TEXT
            || self.error.values_slice().len() >= TEXT
    }

    /// The rows as a batch, after which there are none.
    ///
    /// # Errors
    ///
    /// None, as long as the columns are those of the layout.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        if self.layout.has_source {
            columns.push(Arc::new(self.source.finish()));
        }
        let next = MappingColumns::with_room_of(self.layout, self.rows, Some(&self.mapping));
        let mut mapping = std::mem::replace(&mut self.mapping, next);
        mapping.finish(self.layout.signed, &mut columns);
        if let Some(usage) = &mut self.usage {
            usage.finish(self.layout.signed, &mut columns);
        }
        if self.layout.has_error {
            columns.push(Arc::new(self.error.finish()));
        }
        self.rows = 0;
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }
}
