//! Which columns a table has, in their order.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::formats::error::Document;
use crate::formats::smaps::usage::{self, Unit};

/// What a table is to hold.
#[allow(clippy::struct_excessive_bools)] // four independent choices
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Mappings alone, or with what they cost.
    pub document: Document,
    /// Whether a first column names where a row comes from.
    pub has_source: bool,
    /// Whether names stand as bytes too.
    pub raw_names: bool,
    /// Whether numbers are `i64` of the same bits: Spark has no unsigned type.
    pub signed: bool,
    /// Whether a last column holds why a source has no rows.
    pub has_error: bool,
}

impl Layout {
    /// The columns with their types.
    pub fn schema(&self) -> SchemaRef {
        let mut columns = Columns {
            fields: Vec::new(),
            number: if self.signed {
                DataType::Int64
            } else {
                DataType::UInt64
            },
            // A row that tells of an error has nothing else.
            is_any_nullable: self.has_error,
        };
        if self.has_source {
            columns
                .fields
                .push(Field::new("source", DataType::Utf8, false));
        }
        columns.add_mapping();
        if self.raw_names {
            columns.add("pathname_bytes", DataType::Binary, true);
            columns.add("path_bytes", DataType::Binary, true);
        }
        if self.document == Document::Smaps {
            columns.add_usage();
        }
        if self.has_error {
            columns.add("error", DataType::Utf8, true);
        }
        Arc::new(Schema::new(columns.fields))
    }
}

struct Columns {
    fields: Vec<Field>,
    number: DataType,
    is_any_nullable: bool,
}

impl Columns {
    fn add_mapping(&mut self) {
        self.add_number("begin_address", false);
        self.add_number("end_address", false);
        self.add_number("size", false);
        self.add("permissions", DataType::Utf8, false);
        self.add_number("offset", false);
        self.add_number("device_major", false);
        self.add_number("device_minor", false);
        self.add_number("inode", false);
        self.add("pathname", DataType::Utf8, true);
        self.add("kind", DataType::Utf8, false);
        self.add("path", DataType::Utf8, true);
        self.add("is_deleted", DataType::Boolean, false);
    }

    fn add_usage(&mut self) {
        for field in usage_fields() {
            match field.unit() {
                Unit::Flag => self.add(field.attribute(), DataType::Boolean, true),
                _ => self.add_number(field.attribute(), true),
            }
        }
        self.add("vm_flags", DataType::Utf8, true);
    }

    fn add_number(&mut self, name: &str, is_nullable: bool) {
        self.add(name, self.number.clone(), is_nullable);
    }

    fn add(&mut self, name: &str, of: DataType, is_nullable: bool) {
        let is_nullable = is_nullable || self.is_any_nullable;
        self.fields.push(Field::new(name, of, is_nullable));
    }
}

/// The kernel's fields that are columns: all but the size, which every mapping has.
pub(super) fn usage_fields() -> impl Iterator<Item = usage::Field> {
    usage::Field::all().filter(|field| *field != usage::Field::Size)
}
