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

use crate::line::{Device, Fields, Record};
use crate::pathname::Kind;
use crate::permissions::Permissions;

/// What tells one file from another: a file that replaces a deleted one has
/// another inode, and the deleted one another name.
type Source<'a> = (Device, u64, &'a [u8]);

/// The file that a mapping is of: a memfd is one, a device is not.
#[must_use]
pub fn source<'a>(record: &Record<'a>) -> Option<Source<'a>> {
    let Record { fields, pathname } = *record;
    match Kind::of(pathname) {
        Kind::File | Kind::Memfd => Some((fields.device, fields.inode, pathname?)),
        _ => None,
    }
}

/// Where offset 0 of the source lies or would lie, if this is its lowest mapping.
/// Below zero where the part before the mapping would not fit.
#[must_use]
pub fn base_address(lowest: &Fields) -> i128 {
    i128::from(lowest.begin_address).saturating_sub(lowest.offset.into())
}

/// Where a mapping has this byte of its source, if it has it.
#[must_use]
pub fn address_of(fields: &Fields, offset: u128) -> Option<u64> {
    let distance = u64::try_from(offset.checked_sub(fields.offset.into())?).ok()?;
    let address = fields.begin_address.checked_add(distance)?;
    (address < fields.end_address).then_some(address)
}

/// The positions of the maps of each module, modules and maps in the order of
/// the records, which is to be address order.
#[must_use]
pub fn group(records: &[Record<'_>]) -> Vec<Vec<usize>> {
    let page = page_size(records);
    let mut modules: Vec<Module> = Vec::new();
    let mut latest: HashMap<Source<'_>, usize> = HashMap::new();
    let mut last_named = None;
    for (position, record) in records.iter().enumerate() {
        if let Some(source) = source(record) {
            let known = latest.get(&source).and_then(|&at| modules.get_mut(at));
            match known {
                Some(module) if module.goes_on_with(&record.fields, last_named, page) => {
                    module.add(position, record.fields);
                }
                _ => {
                    latest.insert(source, modules.len());
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
fn page_size(records: &[Record<'_>]) -> u64 {
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
mod tests {
    use super::*;
    use crate::line::parse;

    /// Which lines belong together, given lines of `begin-end perm offset name`.
    fn grouped(lines: &[&str]) -> Vec<Vec<usize>> {
        let lines: Vec<String> = (lines.iter())
            .map(|line| {
                let (head, name) = line.rsplit_once(' ').unwrap();
                let device = if name.is_empty() {
                    "00:00 0"
                } else {
                    "08:01 7"
                };
                format!("{head} {device} {name}")
            })
            .collect();
        let records: Vec<_> = (lines.iter())
            .map(|line| parse(line.as_bytes()).unwrap())
            .collect();
        group(&records)
    }

    #[test]
    fn a_library_with_separate_code_and_memory_after_it() {
        let lines = [
            "1000-3000 r--p 0 /a",
            "3000-7000 r-xp 2000 /a",
            "7000-9000 r--p 6000 /a",
            "9000-a000 r--p 7000 /a",
            "a000-b000 rw-p 8000 /a",
            "b000-c000 rw-p 0 ",
        ];
        assert_eq!(grouped(&lines), [[0, 1, 2, 3, 4]]);
    }

    #[test]
    fn an_old_library_with_a_hole_that_no_one_may_access() {
        let lines = [
            "1000-4000 r-xp 0 /a",
            "4000-203000 ---p 3000 /a",
            "203000-204000 r--p 2000 /a",
            "204000-205000 rw-p 3000 /a",
        ];
        assert_eq!(grouped(&lines), [[0, 1, 2, 3]]);
    }

    #[test]
    fn segments_that_all_lie_on_the_first_page_of_the_file() {
        let lld = [
            "1000-2000 r--p 0 /a",
            "2000-3000 r-xp 0 /a",
            "3000-4000 r--p 0 /a",
            "4000-5000 rw-p 0 /a",
        ];
        assert_eq!(grouped(&lld), [[0, 1, 2, 3]]);
        let old_program = [
            "400000-401000 r-xp 0 /a",
            "600000-601000 r--p 0 /a",
            "601000-602000 rw-p 1000 /a",
        ];
        assert_eq!(grouped(&old_program), [[0, 1, 2]]);
    }

    #[test]
    fn two_loads_side_by_side() {
        let lines = [
            "1000-2000 r--p 0 /a",
            "2000-3000 r-xp 1000 /a",
            "3000-4000 rw-p 1000 /a",
            "4000-5000 r--p 0 /a",
            "5000-6000 r-xp 1000 /a",
            "6000-7000 rw-p 1000 /a",
        ];
        assert_eq!(grouped(&lines), [[0, 1, 2], [3, 4, 5]]);
        let tiny = [
            "1000-2000 r--p 0 /a",
            "2000-3000 r-xp 0 /a",
            "3000-4000 rw-p 0 /a",
            "4000-5000 r--p 0 /a",
            "5000-6000 r-xp 0 /a",
            "6000-7000 rw-p 0 /a",
        ];
        assert_eq!(grouped(&tiny), [[0, 1, 2], [3, 4, 5]]);
    }

    #[test]
    fn a_file_of_data_at_two_places() {
        let whole = ["1000-3000 r--p 0 /a", "3000-5000 r--p 0 /a"];
        assert_eq!(grouped(&whole), [[0], [1]]);
        let ring = ["1000-3000 rw-s 0 /a", "3000-5000 rw-s 0 /a"];
        assert_eq!(grouped(&ring), [[0], [1]]);
        let windows = ["1000-3000 r--p 0 /a", "9000-b000 r--p 4000 /a"];
        assert_eq!(grouped(&windows), [[0], [1]]);
        let apart = [
            "1000-3000 r--p 0 /a",
            "3000-4000 r--p 0 /b",
            "4000-5000 r--p 1000 /a",
        ];
        assert_eq!(grouped(&apart), [[0], [1], [2]]);
    }

    #[test]
    fn one_place_although_cut_or_replaced_in_the_middle() {
        let cut = [
            "1000-2000 r--s 0 /a",
            "2000-3000 rw-s 1000 /a",
            "5000-6000 r--s 4000 /a",
        ];
        assert_eq!(grouped(&cut), [[0, 1, 2]]);
        let other_inside = [
            "1000-2000 r--p 0 /a",
            "2000-3000 r-xp 0 /b",
            "3000-4000 r--p 2000 /a",
        ];
        assert_eq!(grouped(&other_inside), [vec![0, 2], vec![1]]);
    }

    #[test]
    fn a_library_read_as_data_below_and_above_where_it_is_loaded() {
        let lines = [
            "1000-6000 r--p 0 /a",
            "6000-7000 r--p 0 /a",
            "7000-8000 r-xp 1000 /a",
            "8000-9000 rw-p 1000 /a",
            "9000-a000 r--p 4000 /a",
        ];
        assert_eq!(grouped(&lines), [vec![0], vec![1, 2, 3], vec![4]]);
    }

    #[test]
    fn a_library_read_as_data_below_code_that_begins_the_file() {
        let lines = [
            "1000-6000 r--p 0 /a",
            "6000-9000 r-xp 0 /a",
            "9000-b000 r--p 2000 /a",
            "b000-d000 rw-p 4000 /a",
            "d000-f000 r--p 0 /a",
        ];
        assert_eq!(grouped(&lines), [vec![0], vec![1, 2, 3], vec![4]]);
    }

    #[test]
    fn a_library_of_data_alone() {
        let lines = ["1000-9000 r--p 0 /a", "9000-a000 r--p 7000 /a"];
        assert_eq!(grouped(&lines), [[0, 1]]);
    }

    #[test]
    fn a_map_that_is_listed_twice() {
        let lines = [
            "1000-3000 r--p 0 /a",
            "1000-4000 r--p 0 /a",
            "2000-4000 r--p 1000 /a",
        ];
        assert_eq!(grouped(&lines), [[0, 1, 2]]);
    }

    #[test]
    fn only_files_are_modules() {
        let lines = [
            "1000-2000 rw-p 0 [heap]",
            "2000-3000 rw-s 0 /dev/dri/card0",
            "3000-4000 rw-p 0 /dev/shm/a",
        ];
        assert_eq!(grouped(&lines), [[2]]);
    }

    #[test]
    fn the_address_of_a_byte_is_in_the_part_that_is_mapped() {
        let line = parse(b"5000-6000 r-xp 00002000 08:01 7 /a").unwrap();
        let address = |offset| address_of(&line.fields, offset);
        assert_eq!(
            (address(0x2000), address(0x2fff)),
            (Some(0x5000), Some(0x5fff))
        );
        assert_eq!(
            (address(0x1fff), address(0x3000), address(u128::MAX)),
            (None, None, None)
        );
    }

    #[test]
    fn the_base_may_lie_below_the_lowest_map_and_below_zero() {
        let line = parse(b"5000-6000 r-xp 00002000 08:01 7 /a").unwrap();
        assert_eq!(base_address(&line.fields), 0x3000);
        let line = parse(b"0-1 r--s ffffffffffffffff 08:01 7 /a").unwrap();
        assert_eq!(base_address(&line.fields), -0xffff_ffff_ffff_ffff);
    }
}
