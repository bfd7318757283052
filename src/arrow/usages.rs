//! The columns that what a mapping costs fills.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{BooleanBuilder, StringBuilder, UInt64Builder};

use super::layout::usage_fields;
use super::mappings::number_array;
use super::text::printable;
use crate::formats::smaps::usage::{Field, Unit, Usage};
use crate::formats::smaps::vm_flags;

/// The columns of the kernel's fields, in the order of the layout.
#[derive(Debug)]
pub(super) struct UsageColumns {
    fields: Vec<(Field, Column)>,
    vm_flags: StringBuilder,
}

#[derive(Debug)]
enum Column {
    Numbers(UInt64Builder),
    Flags(BooleanBuilder),
}

impl UsageColumns {
    pub(super) fn new() -> Self {
        let column = |field: Field| match field.unit() {
            Unit::Flag => Column::Flags(BooleanBuilder::new()),
            _ => Column::Numbers(UInt64Builder::new()),
        };
        Self {
            fields: usage_fields().map(|field| (field, column(field))).collect(),
            vm_flags: StringBuilder::new(),
        }
    }

    #[inline]
    pub(super) fn push(&mut self, usage: &Usage, vm_flags: Option<&str>) {
        for (field, column) in &mut self.fields {
            let value = usage.get(*field);
            match column {
                Column::Numbers(numbers) => numbers.append_option(value),
                Column::Flags(flags) => flags.append_option(value.map(|value| value != 0)),
            }
        }
        self.vm_flags.append_option(vm_flags);
    }

    /// How much text there is, in bytes.
    #[inline]
    pub(super) fn text_len(&self) -> usize {
        self.vm_flags.values_slice().len()
    }

    pub(super) fn finish(&mut self, is_signed: bool, into: &mut Vec<ArrayRef>) {
        for (_, column) in &mut self.fields {
            into.push(match column {
                Column::Numbers(numbers) => number_array(numbers.finish(), is_signed),
                Column::Flags(flags) => Arc::new(flags.finish()),
            });
        }
        into.push(Arc::new(self.vm_flags.finish()));
    }
}

/// The flags of the mapping before, in the order of their codes.
#[derive(Default)]
pub(super) struct LastFlags<'a> {
    flags: Option<&'a [u8]>,
    text: String,
}

impl<'a> LastFlags<'a> {
    #[inline]
    pub(super) fn text(&mut self, flags: Option<&'a [u8]>) -> Option<&str> {
        let flags = flags?;
        if self.flags != Some(flags) {
            self.flags = Some(flags);
            self.text = sorted_flags(vm_flags::codes(flags).map(printable));
        }
        Some(&self.text)
    }
}

/// The codes of `VmFlags` as the column has them: each once, in alphabetical order.
pub fn sorted_flags<T: AsRef<str> + Ord>(codes: impl Iterator<Item = T>) -> String {
    let codes: BTreeSet<_> = codes.collect();
    let mut text = String::new();
    for code in codes {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(code.as_ref());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_sorted_whatever_order_a_kernel_has() {
        let mut flags = LastFlags::default();
        assert_eq!(flags.text(Some(b"wr rd  mr rd")), Some("mr rd wr"));
        assert_eq!(flags.text(Some(b"\xff")), Some(r"\xff"));
        assert_eq!(flags.text(Some(b"")), Some(""));
        assert_eq!(flags.text(None), None);
    }
}
