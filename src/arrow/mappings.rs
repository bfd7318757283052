//! The columns that every mapping fills.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, BooleanBuilder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, Int64Array, UInt64Array};

use super::layout::Layout;
use super::text::printable;
use crate::mapping::{Fields, Kind, Name};

/// The columns of a mapping, in the order of the layout.
#[derive(Debug)]
pub(super) struct MappingColumns {
    begin_address: UInt64Builder,
    end_address: UInt64Builder,
    size: UInt64Builder,
    permissions: StringBuilder,
    offset: UInt64Builder,
    device_major: UInt64Builder,
    device_minor: UInt64Builder,
    inode: UInt64Builder,
    pathname: StringBuilder,
    kind: StringBuilder,
    path: StringBuilder,
    is_deleted: BooleanBuilder,
    raw: Option<RawNames>,
}

/// Names as bytes.
#[derive(Debug, Default)]
struct RawNames {
    pathname: BinaryBuilder,
    path: BinaryBuilder,
}

impl MappingColumns {
    /// Room for as many rows, and for as much text in each name, as the batch before
    /// had: growing step by step costs more than filling.
    pub(super) fn with_room_of(layout: Layout, rows: usize, before: Option<&Self>) -> Self {
        let numbers = || UInt64Builder::with_capacity(rows);
        let text = |room: usize| StringBuilder::with_capacity(rows, room);
        let names = |of: fn(&Self) -> &StringBuilder| {
            text(before.map_or(0, |before| of(before).values_slice().len()))
        };
        Self {
            begin_address: numbers(),
            end_address: numbers(),
            size: numbers(),
            permissions: text(rows.saturating_mul(4)),
            offset: numbers(),
            device_major: numbers(),
            device_minor: numbers(),
            inode: numbers(),
            pathname: names(|columns| &columns.pathname),
            kind: names(|columns| &columns.kind),
            path: names(|columns| &columns.path),
            is_deleted: BooleanBuilder::with_capacity(rows),
            raw: layout.raw_names.then(RawNames::default),
        }
    }

    #[inline]
    pub(super) fn push(&mut self, fields: &Fields, name: Option<&Name>) {
        self.begin_address.append_value(fields.begin_address);
        self.end_address.append_value(fields.end_address);
        self.size.append_value(fields.size());
        self.permissions.append_value(fields.permissions.as_str());
        self.offset.append_value(fields.offset);
        self.device_major.append_value(fields.device.major.into());
        self.device_minor.append_value(fields.device.minor.into());
        self.inode.append_value(fields.inode);
        let pathname = name.map(Name::as_bytes);
        let path = name.and_then(Name::path);
        self.pathname.append_option(pathname.map(printable));
        let kind = name.map_or(Kind::Anonymous, Name::kind);
        self.kind.append_value(kind.as_str());
        self.path.append_option(path.map(printable));
        let is_deleted = name.is_some_and(Name::is_deleted);
        self.is_deleted.append_value(is_deleted);
        if let Some(raw) = &mut self.raw {
            raw.pathname.append_option(pathname);
            raw.path.append_option(path);
        }
    }

    /// The row of a source that has no mappings to show.
    pub(super) fn push_null(&mut self) {
        for numbers in [
            &mut self.begin_address,
            &mut self.end_address,
            &mut self.size,
            &mut self.offset,
            &mut self.device_major,
            &mut self.device_minor,
            &mut self.inode,
        ] {
            numbers.append_null();
        }
        for texts in [
            &mut self.permissions,
            &mut self.pathname,
            &mut self.kind,
            &mut self.path,
        ] {
            texts.append_null();
        }
        self.is_deleted.append_null();
        if let Some(raw) = &mut self.raw {
            raw.pathname.append_null();
            raw.path.append_null();
        }
    }

    /// How much text the fullest column has, in bytes.
    #[inline]
    pub(super) fn text_len(&self) -> usize {
        // A path is at most as long as its pathname, and bytes as their text.
        self.pathname.values_slice().len()
    }

    pub(super) fn finish(&mut self, is_signed: bool, into: &mut Vec<ArrayRef>) {
        let numbers = |builder: &mut UInt64Builder| number_array(builder.finish(), is_signed);
        into.push(numbers(&mut self.begin_address));
        into.push(numbers(&mut self.end_address));
        into.push(numbers(&mut self.size));
        into.push(Arc::new(self.permissions.finish()));
        into.push(numbers(&mut self.offset));
        into.push(numbers(&mut self.device_major));
        into.push(numbers(&mut self.device_minor));
        into.push(numbers(&mut self.inode));
        into.push(Arc::new(self.pathname.finish()));
        into.push(Arc::new(self.kind.finish()));
        into.push(Arc::new(self.path.finish()));
        into.push(Arc::new(self.is_deleted.finish()));
        if let Some(raw) = &mut self.raw {
            into.push(Arc::new(raw.pathname.finish()));
            into.push(Arc::new(raw.path.finish()));
        }
    }
}

/// Numbers as the layout has them: unsigned, or signed of the same bits.
pub(super) fn number_array(numbers: UInt64Array, is_signed: bool) -> ArrayRef {
    if is_signed {
        let (_, values, nulls) = numbers.into_parts();
        Arc::new(Int64Array::new(values.into_inner().into(), nulls))
    } else {
        Arc::new(numbers)
    }
}
