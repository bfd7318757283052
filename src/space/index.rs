//! From an address to what is mapped there: an index over half-open ranges.
//!
//! The ranges of one moment never overlap, but those of a maps file may: since
//! Linux 6.17 it is no longer read in one piece. Where several ranges contain an
//! address, the answer is the last of them in the index's order, hence one with
//! the highest begin.

mod buckets;

use std::collections::TryReserveError;
use std::ops::Range;

use buckets::Buckets;

/// Addresses from the first that belongs to the range to the first past it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressRange {
    /// The first address in the range.
    pub begin: u64,
    /// The first address past the range; with one not above `begin` it is empty.
    pub end: u64,
}

impl AddressRange {
    fn is_empty(self) -> bool {
        self.end <= self.begin
    }

    fn overlaps(self, other: Self) -> bool {
        self.begin.max(other.begin) < self.end.min(other.end)
    }

    fn size(self) -> u64 {
        self.end.saturating_sub(self.begin)
    }
}

/// An immutable index over ranges; a range is known by its position in it.
///
/// ```
/// # use procmaps::space::index::{AddressIndex, AddressRange};
/// let index = AddressIndex::new(vec![
///     AddressRange { begin: 0x1000, end: 0x3000 },
///     AddressRange { begin: 0x4000, end: 0x5000 },
/// ])?;
/// assert_eq!(index.find(0x2fff), Some(0));
/// assert_eq!(index.find(0x3000), None);
/// # Ok::<(), std::collections::TryReserveError>(())
/// ```
#[derive(Clone, Debug)]
pub struct AddressIndex {
    ranges: Vec<AddressRange>,
    /// Only where ranges are empty or overlap; else each is its own piece.
    pieces: Option<Pieces>,
    /// Where to look among the pieces, unless they are few.
    buckets: Option<Buckets>,
}

/// Ranges that overlap, cut into pieces that do not.
#[derive(Clone, Debug)]
struct Pieces {
    /// In order, none empty.
    ranges: Vec<AddressRange>,
    /// For each piece the position of the range that answers for it.
    owners: Vec<usize>,
    /// For each range the highest end up to and with it.
    reach: Vec<u64>,
}

impl AddressIndex {
    /// Makes an index, in O(n) where the ranges are in order. Others are sorted
    /// by begin and end.
    ///
    /// # Errors
    ///
    /// If there is no memory for it.
    pub fn new(mut ranges: Vec<AddressRange>) -> Result<Self, TryReserveError> {
        if !ranges.is_sorted() {
            // Equal ranges can't be told apart; a stable sort would take memory.
            ranges.sort_unstable();
        }
        let is_plain = ranges.iter().all(|range| !range.is_empty())
            && (ranges.iter().zip(ranges.iter().skip(1))).all(|(a, b)| a.end <= b.begin);
        let pieces = if is_plain {
            None
        } else {
            Some(Pieces::new(&ranges)?)
        };
        let buckets = Buckets::new(match &pieces {
            None => &ranges,
            Some(cut) => &cut.ranges,
        });
        Ok(Self {
            ranges,
            pieces,
            buckets,
        })
    }

    /// The ranges, in the order of their positions.
    pub fn ranges(&self) -> &[AddressRange] {
        &self.ranges
    }

    /// The positions of the ranges that equal this one.
    pub fn equal(&self, range: AddressRange) -> Range<usize> {
        let first = self.ranges.partition_point(|&other| other < range);
        let past = self.ranges.partition_point(|&other| other <= range);
        first..past
    }

    /// The position of the last range that contains the address, in O(log n).
    #[inline]
    pub fn find(&self, address: u64) -> Option<usize> {
        let at = self.piece_at(address)?;
        match &self.pieces {
            None => Some(at),
            Some(pieces) => pieces.owners.get(at).copied(),
        }
    }

    /// The positions of the ranges that share an address with this one.
    pub fn overlapping(&self, range: AddressRange) -> impl Iterator<Item = usize> {
        let first = match &self.pieces {
            None => self
                .ranges
                .partition_point(|mapped| mapped.end <= range.begin),
            Some(pieces) => pieces.reach.partition_point(|&end| end <= range.begin),
        };
        let last = (self.ranges).partition_point(|mapped| mapped.begin < range.end);
        let candidates = self.ranges.get(first..last).unwrap_or_default();
        (first..last)
            .zip(candidates)
            .filter(move |(_, mapped)| mapped.overlaps(range))
            .map(|(position, _)| position)
    }

    /// Whether every address in the range is in some range of the index.
    pub fn covers(&self, range: AddressRange) -> bool {
        if range.is_empty() {
            return true;
        }
        let Some(first) = self.piece_at(range.begin) else {
            return false;
        };
        let mut covered = range.begin;
        for piece in self.pieces().get(first..).unwrap_or_default() {
            if covered >= range.end || piece.begin > covered {
                break;
            }
            covered = piece.end;
        }
        covered >= range.end
    }

    /// The ranges between the first and the last range that no range contains.
    pub fn gaps(&self) -> impl Iterator<Item = AddressRange> {
        let pieces = self.pieces();
        (pieces.iter().zip(pieces.iter().skip(1)))
            .map(|(below, above)| AddressRange {
                begin: below.end,
                end: above.begin,
            })
            .filter(|gap| !gap.is_empty())
    }

    /// How many addresses the ranges contain, each counted once.
    pub fn size(&self) -> u64 {
        let sizes = self.pieces().iter().map(|piece| piece.size());
        sizes.fold(0, u64::saturating_add)
    }

    /// Which piece contains the address.
    #[inline]
    fn piece_at(&self, address: u64) -> Option<usize> {
        let pieces = self.pieces();
        let near = match &self.buckets {
            None => 0..pieces.len(),
            Some(buckets) => buckets.near(address),
        };
        let start = near.start;
        let below = (pieces.get(near)?).partition_point(|piece| piece.begin <= address);
        let at = start.checked_add(below)?.checked_sub(1)?;
        (address < pieces.get(at)?.end).then_some(at)
    }

    #[inline]
    fn pieces(&self) -> &[AddressRange] {
        match &self.pieces {
            None => &self.ranges,
            Some(pieces) => &pieces.ranges,
        }
    }
}

impl Pieces {
    /// Cuts ranges in order of their begin, in O(n).
    fn new(ranges: &[AddressRange]) -> Result<Self, TryReserveError> {
        let mut cut = Self {
            ranges: Vec::new(),
            owners: Vec::new(),
            reach: Vec::new(),
        };
        cut.reach.try_reserve_exact(ranges.len())?;
        // The ranges that may still answer, the last of them first in line.
        let mut open: Vec<(usize, u64)> = Vec::new();
        let mut reached = 0;
        let mut position = 0;
        for (owner, range) in ranges.iter().enumerate() {
            cut.close(&mut open, position..range.begin)?;
            position = range.begin;
            reached = range.end.max(reached);
            cut.reach.push(reached);
            open.try_reserve(1)?;
            open.push((owner, range.end));
        }
        cut.close(&mut open, position..u64::MAX)?;
        Ok(cut)
    }

    /// Gives each address in `between` to the last open range that contains it.
    fn close(
        &mut self,
        open: &mut Vec<(usize, u64)>,
        mut between: Range<u64>,
    ) -> Result<(), TryReserveError> {
        while let Some(&(owner, end)) = open.last() {
            let piece = AddressRange {
                begin: between.start,
                end: end.min(between.end),
            };
            if !piece.is_empty() {
                self.ranges.try_reserve(1)?;
                self.owners.try_reserve(1)?;
                self.ranges.push(piece);
                self.owners.push(owner);
                between.start = piece.end;
            }
            if end > between.end {
                break;
            }
            open.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
