//! Buckets over many ranges, so that a lookup searches a few of them alone.
//!
//! A binary search among the maps of a large process takes sixteen steps and waits
//! for memory in the last of them. Here the addresses from the first begin to the
//! last are cut into equal parts, about as many as there are ranges. A bucket for
//! each part says which ranges begin in it: mostly one or two, side by side. The maps
//! of a process lie in few places, so that some parts are crowded; each of those has
//! buckets of its own.

use std::ops::Range;

use super::AddressRange;

/// So many ranges are searched as they are.
const FEW: usize = 16;

/// Buckets over ranges that are in order and begin at different addresses.
#[derive(Clone, Debug)]
pub(super) struct Buckets {
    /// Where the first range begins, and the first part.
    first: u64,
    /// The addresses of a part, as a power of two.
    shift: u32,
    /// For each part the position of the first range that begins in it or above,
    /// and at last the number of ranges.
    starts: Vec<u32>,
    /// The buckets of crowded parts, by the position where those start.
    crowded: Vec<(u32, Buckets)>,
}

impl Buckets {
    /// `None` for few ranges, for more than 32 bits can count, and where there is no
    /// memory for it: those are searched as they are. Takes O(n) for n
    /// ranges that are spread evenly. Each level divides the addresses by eight or
    /// more, so that there are never more than 21.
    pub(super) fn new(ranges: &[AddressRange]) -> Option<Self> {
        let count = u32::try_from(ranges.len()).ok()?;
        let (first, last) = match ranges {
            [first, .., last] if ranges.len() > FEW => (first.begin, last.begin),
            _ => return None,
        };
        let bits = |number: u64| u64::BITS.saturating_sub(number.leading_zeros());
        let mut starts = Vec::new();
        starts
            .try_reserve_exact(ranges.len().saturating_add(1))
            .ok()?;
        let mut buckets = Self {
            first,
            // Half as many parts as ranges, or up to as many.
            shift: bits(last.saturating_sub(first)).saturating_sub(count.ilog2()),
            starts,
            crowded: Vec::new(),
        };
        for (position, range) in (0..count).zip(ranges) {
            let part = buckets.part_of(range.begin)?;
            if buckets.starts.len() <= part {
                buckets.starts.resize(part.saturating_add(1), position);
            }
        }
        buckets.starts.push(count);
        let parts = buckets.starts.iter().zip(buckets.starts.iter().skip(1));
        let mut crowded = Vec::new();
        for (&start, &next) in parts.filter(|&(&start, &next)| positions(start, next).len() > FEW) {
            if let Some(inside) = Self::new(ranges.get(positions(start, next))?) {
                crowded.try_reserve(1).ok()?;
                crowded.push((start, inside));
            }
        }
        buckets.crowded = crowded;
        Some(buckets)
    }

    /// Positions with the first range that begins above the address, or just past
    /// it: all before begin at the address or below, all after above it.
    #[inline]
    pub(super) fn near(&self, address: u64) -> Range<usize> {
        let mut buckets = self;
        let mut offset = 0_usize;
        loop {
            let inside = buckets.part_near(address);
            let crowded = (inside.len() > FEW).then(|| buckets.crowded_at(inside.start));
            let start = offset.saturating_add(inside.start);
            match crowded.flatten() {
                Some(crowded) => buckets = crowded,
                None => return start..offset.saturating_add(inside.end),
            }
            offset = start;
        }
    }

    /// The positions of the ranges that begin in the part of the address.
    #[inline]
    fn part_near(&self, address: u64) -> Range<usize> {
        let Some(part) = self.part_of(address) else {
            return 0..0;
        };
        let last = self.starts.len().saturating_sub(1);
        match self.starts.get(part.min(last)..) {
            Some(&[start, next, ..]) => positions(start, next),
            Some(&[count]) => positions(count, count),
            _ => 0..0,
        }
    }

    /// In which part an address lies, counted on past the last of them.
    #[inline]
    fn part_of(&self, address: u64) -> Option<usize> {
        let distance = address.checked_sub(self.first)?;
        let part = distance.wrapping_shr(self.shift);
        Some(usize::try_from(part).unwrap_or(usize::MAX))
    }

    fn crowded_at(&self, start: usize) -> Option<&Self> {
        let found = (self.crowded).binary_search_by_key(&start, |&(start, _)| start as usize);
        found
            .ok()
            .and_then(|at| self.crowded.get(at))
            .map(|(_, buckets)| buckets)
    }
}

#[inline]
fn positions(start: u32, next: u32) -> Range<usize> {
    start as usize..next as usize
}
