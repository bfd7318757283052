//! Modules: the maps of one file, grouped by the place where it was loaded.
//!
//! Maps say which file and which part of it, and not which `mmap(2)` or
//! `dlopen(3)` made them. How loaders lay out an ELF file is known; see
//! [`loads`](super::loads). What does not fit is taken for another place where
//! the file is mapped.
//!
//! Memory without a name is part of no module, also where it follows one: text
//! can't tell a `.bss` from memory that the kernel happened to put there, and
//! the kernel itself joins the two into one mapping.

use std::sync::Arc;

use super::files::{Group, files};
use super::loads;
use super::segments::take_known;
use crate::formats::elf::Segment;
use crate::mapping::Mapping;

/// The maps of each module, modules and maps in the order of the records, which is
/// to be address order.
///
/// The segments of a file are asked for once, by the position of its first map;
/// what they do not tell of is grouped as loaders do.
pub(super) fn group(
    records: &[Mapping<'_>],
    segments_of: &mut dyn FnMut(usize) -> Option<Arc<[Segment]>>,
) -> Vec<Group> {
    let mut groups = Vec::new();
    for mut parts in files(records) {
        let first = parts.first().map(|part| part.position);
        if let Some(segments) = first.and_then(&mut *segments_of) {
            groups.append(&mut take_known(&mut parts, &segments));
        }
        groups.extend(loads::split(&parts).into_iter().map(|positions| Group {
            positions,
            load_bias: None,
        }));
    }
    groups.sort_unstable_by(|a, b| a.positions.cmp(&b.positions));
    groups
}

#[cfg(test)]
mod tests;
