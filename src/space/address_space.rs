//! The mappings of one moment, and every question about them.

use std::collections::TryReserveError;
use std::ops::Range;
use std::sync::Arc;

use once_cell::sync::OnceCell;

use super::difference::{self, Difference};
use super::files::{self, Part};
use super::index::{AddressIndex, AddressRange};
use super::module::{Module, Modules};
use crate::formats::elf::Segment;
use crate::mapping::{Lend, Mapping};

/// Mappings in their order, begin address first, and an index over them.
///
/// They are held as whatever lends a [`Mapping`]; a mapping is known by its
/// position. Mappings may overlap or repeat: where several contain an address, the
/// last of them in order is the answer.
///
/// ```
/// # use procmaps::formats::lines::Lines;
/// # use procmaps::formats::maps::records;
/// # use procmaps::mapping::{OwnedMapping, Spelling};
/// # use procmaps::space::AddressSpace;
/// let text = b"1000-3000 r-xp 0 8:1 7 /usr/bin/true\n";
/// let mappings = records(Lines::from_file(text))
///     .map(|line| line.map(|m| OwnedMapping::new(m.fields, m.pathname, Spelling::Printed)))
///     .collect::<Result<Result<Vec<_>, _>, _>>()??;
/// let space = AddressSpace::new(mappings)?;
/// assert_eq!(space.find(0x2fff), Some(0));
/// assert_eq!(space.modules()?.all()[0].base_address(), 0x1000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct AddressSpace<M> {
    maps: Vec<M>,
    index: AddressIndex,
    /// Grouped when they are first asked for.
    modules: OnceCell<Modules>,
}

/// What lies at an address.
#[derive(Clone, Copy, Debug)]
pub struct Location<'a> {
    /// The position of the mapping that contains the address.
    pub position: usize,
    /// The number of the module that the mapping belongs to, and the module.
    pub module: Option<(usize, &'a Module)>,
}

impl<M: Lend> AddressSpace<M> {
    /// Takes mappings in any order; those of a process are in order already.
    ///
    /// # Errors
    ///
    /// If there is no memory for the index.
    pub fn new(mut maps: Vec<M>) -> Result<Self, TryReserveError> {
        let mut ranges = Vec::new();
        ranges.try_reserve_exact(maps.len())?;
        ranges.extend(maps.iter().map(range_of));
        if !ranges.is_sorted_by(|a, b| a.begin < b.begin) {
            maps.sort_unstable_by(|a, b| a.mapping().cmp(&b.mapping()));
            // Sorts its ranges as the mappings are sorted: by begin, then by end.
        }
        Ok(Self {
            maps,
            index: AddressIndex::new(ranges)?,
            modules: OnceCell::new(),
        })
    }

    /// The mappings, in the order of their positions.
    #[inline]
    pub fn maps(&self) -> &[M] {
        &self.maps
    }

    /// The index over their ranges.
    #[inline]
    pub fn index(&self) -> &AddressIndex {
        &self.index
    }

    /// The position of the mapping that contains the address.
    #[inline]
    pub fn find(&self, address: u64) -> Option<usize> {
        self.index.find(address)
    }

    /// The positions of the mappings that equal this one: side by side, as all are
    /// sorted.
    pub fn positions(&self, mapping: &Mapping<'_>) -> Range<usize> {
        let same_range = self.index.equal(AddressRange {
            begin: mapping.fields.begin_address,
            end: mapping.fields.end_address,
        });
        let start = same_range.start;
        let maps = self.maps.get(same_range).unwrap_or_default();
        let first = maps.partition_point(|other| other.mapping() < *mapping);
        let past = maps.partition_point(|other| other.mapping() <= *mapping);
        start.saturating_add(first)..start.saturating_add(past)
    }

    /// The modules: each file at each place where it is mapped or loaded.
    ///
    /// # Errors
    ///
    /// If there is no memory for them.
    pub fn modules(&self) -> Result<&Modules, TryReserveError> {
        self.modules
            .get_or_try_init(|| Modules::new(&self.maps, &mut |_| None))
    }

    /// The modules by the program headers of their files, where these are given: the
    /// segments of a file are asked for once, by its first mapping.
    ///
    /// # Errors
    ///
    /// As [`AddressSpace::modules`].
    pub fn modules_by(
        &self,
        mut segments_of: impl FnMut(&M) -> Option<Arc<[Segment]>>,
    ) -> Result<Modules, TryReserveError> {
        Modules::new(&self.maps, &mut |position| {
            segments_of(self.maps.get(position)?)
        })
    }

    /// The first mapping of each file, in their order.
    pub fn files(&self) -> Vec<&M> {
        let mappings: Vec<_> = self.maps.iter().map(Lend::mapping).collect();
        let files = files::files(&mappings);
        let first = |parts: &Vec<Part>| self.maps.get(parts.first()?.position);
        files.iter().filter_map(first).collect()
    }

    /// What lies at an address; `None` where nothing is mapped.
    ///
    /// # Errors
    ///
    /// As [`AddressSpace::modules`].
    pub fn resolve(&self, address: u64) -> Result<Option<Location<'_>>, TryReserveError> {
        let Some(position) = self.find(address) else {
            return Ok(None);
        };
        let module = self.modules()?.owner(position);
        Ok(Some(Location { position, module }))
    }

    /// What changed from these mappings to later ones.
    ///
    /// # Errors
    ///
    /// If there is no memory for it.
    pub fn diff(&self, later: &Self) -> Result<Difference, TryReserveError> {
        difference::compare(&self.maps, &later.maps)
    }
}

fn range_of<M: Lend>(map: &M) -> AddressRange {
    let fields = map.mapping().fields;
    AddressRange {
        begin: fields.begin_address,
        end: fields.end_address,
    }
}

#[cfg(test)]
mod tests;
