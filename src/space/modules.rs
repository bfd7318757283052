//! Modules: the maps of one file, grouped by the place where it was loaded.
//!
//! Maps say which file and which part of it, and not which `mmap(2)` or
//! `dlopen(3)` made them. How loaders lay out an ELF file is known: in the order
//! of their offsets, code private, data last. What does not fit is taken for
//! another place where the file is mapped.
//!
//! Memory without a name is part of no module, also where it follows one: text
//! can't tell a `.bss` from memory that the kernel happened to put there, and
//! the kernel itself joins the two into one mapping.

use std::collections::HashMap;

use crate::mapping::{Device, Fields, Kind, Mapping, Permissions};

/// What tells one file from another: a file that replaces a deleted one has
/// another inode, and the deleted one another name.
pub(super) type FileId<'a> = (Device, u64, &'a [u8]);

/// The file that a mapping is of: a memfd is one, a device is not.
pub(super) fn file_of<'a>(mapping: &Mapping<'a>) -> Option<FileId<'a>> {
    let Mapping { fields, pathname } = *mapping;
    match Kind::of(pathname) {
        Kind::File | Kind::Memfd => Some((fields.device, fields.inode, pathname?)),
        _ => None,
    }
}

/// Where offset 0 of the source lies or would lie, if this is its lowest mapping.
/// Below zero where the part before the mapping would not fit.
pub fn base_address(lowest: &Fields) -> i128 {
    i128::from(lowest.begin_address).saturating_sub(lowest.offset.into())
}

/// The positions of the maps of each module, modules and maps in the order of
/// the records, which is to be address order.
pub fn group(records: &[Mapping<'_>]) -> Vec<Vec<usize>> {
    let page = page_size(records);
    let mut modules: Vec<Module> = Vec::new();
    let mut latest: HashMap<FileId<'_>, usize> = HashMap::new();
    let mut last_named = None;
    for (position, record) in records.iter().enumerate() {
        if let Some(file) = file_of(record) {
            let known = latest.get(&file).and_then(|&at| modules.get_mut(at));
            match known {
                Some(module) if module.goes_on_with(&record.fields, last_named, page) => {
                    module.add(position, record.fields);
                }
                _ => {
                    latest.insert(file, modules.len());
                    modules.push(Module::new(position, record.fields));
                }
            }
        }
        if Kind::of(record.pathname) != Kind::Anonymous {
            last_named = Some(position);
        }
    }
    modules.into_iter().map(|module| module.maps).collect()
}

/// The size of a page, or a multiple of it: what all addresses are multiples of.
fn page_size(records: &[Mapping<'_>]) -> u64 {
    let bits = records.iter().fold(0, |bits, record| {
        bits | record.fields.begin_address | record.fields.end_address
    });
    1_u64.checked_shl(bits.trailing_zeros()).unwrap_or_default()
}

/// A module as far as it has been seen.
struct Module {
    maps: Vec<usize>,
    first: Fields,
    /// The last that can be accessed; loaders leave others in holes.
    last: Fields,
    has_code: bool,
}

impl Module {
    fn new(position: usize, fields: Fields) -> Self {
        Self {
            maps: vec![position],
            first: fields,
            last: fields,
            has_code: fields.permissions.is_executable(),
        }
    }

    fn add(&mut self, position: usize, fields: Fields) {
        self.maps.push(position);
        self.has_code |= fields.permissions.is_executable();
        if fields.permissions != Permissions::NONE {
            self.last = fields;
        }
    }

    /// Whether a map of the same file, above the others, belongs to this module;
    /// `last_named` is the last map below it that has a name.
    fn goes_on_with(&self, next: &Fields, last_named: Option<usize>, page: u64) -> bool {
        // The file as it is, perhaps with other memory in place of a part.
        if base_address(next) == base_address(&self.last) {
            return true;
        }
        let (last, now) = (self.last.permissions, next.permissions);
        if now.is_shared() || last.is_shared() || last_named != self.maps.last().copied() {
            return false;
        }
        // From here on it is another place, or a segment that a linker has moved
        // away from the one before to give each its own permissions. The two then
        // share at most the page of the file on which they meet.
        let end = self.last.offset.saturating_add(self.last.size());
        let is_in_order =
            next.offset >= self.last.offset && end.saturating_sub(next.offset) <= page;
        let is_restart = next.offset == self.first.offset && (now == last || last.is_writable());
        let is_read_only = !now.is_writable() && !now.is_executable();
        if !is_in_order || is_restart || last.is_writable() && is_read_only {
            return false;
        }
        // Without code it is a file of data, or a library of data without holes.
        let is_meeting = next.begin_address == self.last.end_address && next.offset <= end;
        self.has_code || now.is_executable() || is_meeting && next.offset > self.first.offset
    }
}

#[cfg(test)]
mod tests;
