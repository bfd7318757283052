//! Loads known from program headers: which mapping of a file is which segment.
//!
//! A loader maps a segment where its address says, moved by one number for the
//! whole file, the load bias: what `dl_iterate_phdr(3)` calls `dlpi_addr`. So each
//! mapping and each segment that it may be give a bias, and that bias says where
//! all other segments must be. It holds if most of them are there, and none of the
//! file's other bytes in their place.

use std::collections::BTreeSet;
use std::ops::Range;

use super::files::{Group, Part};
use crate::formats::elf::Segment;

/// The flag `PF_X` of a segment.
const EXECUTABLE: u32 = 1;

/// The flag `PF_W` of a segment.
const WRITABLE: u32 = 2;

/// How many segments a file may have, and how many biases are tried; those of real
/// files can be counted on two hands.
const MAXIMUM_SEGMENTS: usize = 64;
const MAXIMUM_BIASES: usize = 4096;

/// Takes the loads that the segments tell of out of the parts of a file, which are
/// in order.
pub(super) fn take_known(parts: &mut Vec<Part>, segments: &[Segment]) -> Vec<Group> {
    let segments: Vec<&Segment> = segments
        .iter()
        .filter(|segment| segment.is_load() && segment.file_size > 0)
        .collect();
    if segments.len() > MAXIMUM_SEGMENTS {
        return Vec::new();
    }
    let file = File { parts, segments };
    let tried = file.biases();
    let mut fits: Vec<Fit> = tried.iter().filter_map(|&bias| file.fit(bias)).collect();
    // The better one first: in a small file segments can be taken for each other.
    fits.sort_by_key(|fit| std::cmp::Reverse(fit.segments.len()));
    let mut rest: Vec<Option<&Part>> = parts.iter().map(Some).collect();
    let mut loads = Vec::new();
    for fit in fits {
        if fit
            .segments
            .iter()
            .all(|&number| matches!(rest.get(number), Some(Some(_))))
        {
            let taken = rest.get_mut(file.span(fit.bias)).unwrap_or_default();
            let bases = file.bases(fit.bias);
            let is_taken = |part: &mut &Part| bases.contains(&part.base());
            let taken = taken.iter_mut().filter_map(|part| part.take_if(is_taken));
            loads.push(Group {
                positions: taken.map(|part| part.position).collect(),
                load_bias: Some(fit.bias),
            });
        }
    }
    *parts = rest.into_iter().flatten().cloned().collect();
    loads
}

/// A file, as it is mapped and as it says that it is to be mapped.
struct File<'a> {
    parts: &'a [Part],
    segments: Vec<&'a Segment>,
}

/// A bias that holds, and the parts that are segments by it.
struct Fit {
    bias: i128,
    segments: Vec<usize>,
}

impl File<'_> {
    /// The biases by which some part is some segment; none if there are too many.
    fn biases(&self) -> BTreeSet<i128> {
        let mut biases = BTreeSet::new();
        for part in self.parts {
            for segment in &self.segments {
                if can_be(part, segment) && shares_bytes(part, segment) {
                    biases.insert(part.base().saturating_sub(base(segment)));
                }
            }
            if biases.len() > MAXIMUM_BIASES {
                return BTreeSet::new();
            }
        }
        biases
    }

    /// Tries a bias.
    fn fit(&self, bias: i128) -> Option<Fit> {
        let mut found = Vec::new();
        let mut has_code = false;
        for segment in &self.segments {
            let begin = bias.saturating_add(segment.address.into());
            let last = begin.saturating_add(segment.file_size.saturating_sub(1).into());
            let ends = [self.part_at(begin), self.part_at(last)];
            let is_segment = |(_, part): &(usize, &Part)| {
                part.base() == bias.saturating_add(base(segment)) && can_be(part, segment)
            };
            match ends.into_iter().flatten().find(is_segment) {
                Some((number, _)) => {
                    found.push(number);
                    has_code |= is_code(segment);
                }
                // Something else of the file.
                None if ends.iter().any(Option::is_some) => return None,
                // Other memory, such as large pages that took the place of code.
                None => {}
            }
        }
        let is_most = found.len().saturating_mul(2) > self.segments.len();
        let is_part_code = |&number: &usize| self.parts.get(number).is_some_and(Part::is_code);
        let is_run = has_code == found.iter().any(is_part_code);
        (is_most && is_run).then_some(Fit {
            bias,
            segments: found,
        })
    }

    fn part_at(&self, address: i128) -> Option<(usize, &Part)> {
        let address = u64::try_from(address).ok()?;
        let above = self
            .parts
            .partition_point(|part| part.fields.begin_address <= address);
        let number = above.checked_sub(1)?;
        let part = self.parts.get(number)?;
        (address < part.fields.end_address).then_some((number, part))
    }

    /// The bases that parts have with this bias: those of the segments, and what is
    /// left of the first one in holes has its.
    fn bases(&self, bias: i128) -> Vec<i128> {
        let bases = self.segments.iter().map(|segment| base(segment));
        bases.map(|base| bias.saturating_add(base)).collect()
    }

    /// The parts that lie where this bias puts the file.
    fn span(&self, bias: i128) -> Range<usize> {
        let begins = self.segments.iter().map(|segment| segment.address.into());
        let ends = self.segments.iter().map(|segment| {
            let size = segment.memory_size.max(segment.file_size);
            i128::from(segment.address).saturating_add(size.into())
        });
        let begin = bias.saturating_add(begins.min().unwrap_or_default());
        let end = bias.saturating_add(ends.max().unwrap_or_default());
        let below = |part: &Part| i128::from(part.fields.end_address) <= begin;
        let inside = |part: &Part| i128::from(part.fields.begin_address) < end;
        let start = self.parts.partition_point(below);
        start..self.parts.partition_point(inside).max(start)
    }
}

/// Where offset 0 of the file would be if all of it lay as this segment does.
fn base(segment: &Segment) -> i128 {
    i128::from(segment.address).saturating_sub(segment.offset.into())
}

fn is_code(segment: &Segment) -> bool {
    segment.flags & EXECUTABLE != 0
}

/// Whether the part can be executed as the segment can. What was writable may be
/// read-only since it was relocated, code too.
fn can_be(part: &Part, segment: &Segment) -> bool {
    let is_read_only_since = segment.flags & WRITABLE != 0 && !part.is_code();
    part.is_code() == is_code(segment) || is_read_only_since
}

/// Whether bytes of the segment are mapped here.
fn shares_bytes(part: &Part, segment: &Segment) -> bool {
    let part_end = part.fields.offset.saturating_add(part.fields.size());
    part.fields.offset < segment.offset.saturating_add(segment.file_size)
        && segment.offset < part_end
}

#[cfg(test)]
mod tests;
