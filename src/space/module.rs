//! One file at one place in memory, and all of them in an address space.

use std::collections::TryReserveError;
use std::fmt;
use std::sync::Arc;

use super::AddressRange;
use super::files::{self, Group};
use super::modules;
use crate::formats::elf::Segment;
use crate::mapping::{Fields, Lend, Mapping};

/// The mappings of one load of a file, known by their positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    positions: Vec<usize>,
    range: AddressRange,
    lowest: Fields,
    has_code: bool,
    load_bias: Option<i128>,
}

impl Module {
    /// The module that mappings in address order make.
    ///
    /// # Errors
    ///
    /// If they are not of one file.
    pub fn from_maps<M: Lend>(maps: &[M]) -> Result<Self, NotOfOneFile> {
        let mut files = maps.iter().map(|map| files::file_of(&map.mapping()));
        let first = files.next().flatten().ok_or(NotOfOneFile::First)?;
        if files.any(|other| other != Some(first)) {
            return Err(NotOfOneFile::Another);
        }
        let group = Group {
            positions: (0..maps.len()).collect(),
            load_bias: None,
        };
        Self::new(group, maps).ok_or(NotOfOneFile::First)
    }

    /// `None` where there is no mapping.
    fn new<M: Lend>(group: Group, maps: &[M]) -> Option<Self> {
        let positions = group.positions;
        let lowest = maps.get(*positions.first()?)?.mapping().fields;
        let mut end = lowest.end_address;
        let mut has_code = false;
        for map in positions.iter().filter_map(|&position| maps.get(position)) {
            let fields = map.mapping().fields;
            end = end.max(fields.end_address);
            has_code |= fields.permissions.is_executable();
        }
        let range = AddressRange {
            begin: lowest.begin_address,
            end,
        };
        Some(Self {
            positions,
            range,
            lowest,
            has_code,
            load_bias: group.load_bias,
        })
    }

    /// The positions of its mappings, ascending.
    pub fn positions(&self) -> &[usize] {
        &self.positions
    }

    /// From the begin of its lowest mapping to the highest end.
    pub fn range(&self) -> AddressRange {
        self.range
    }

    /// The lowest mapping.
    pub fn lowest(&self) -> &Fields {
        &self.lowest
    }

    /// Whether a part of it can be executed, as of a program that was loaded.
    pub fn has_code(&self) -> bool {
        self.has_code
    }

    /// Where offset 0 of the file lies or would lie; below zero where the part before
    /// the lowest mapping would not fit.
    pub fn base_address(&self) -> i128 {
        self.lowest.base_address()
    }

    /// What is to be taken from an address to get that in the ELF file, where its
    /// program headers are known: `dlpi_addr` of `dl_iterate_phdr(3)`. Below zero where
    /// it lies below the addresses that it was linked for.
    pub fn load_bias(&self) -> Option<i128> {
        self.load_bias
    }

    /// The same module, of which this is known.
    #[must_use]
    pub fn with_load_bias(self, load_bias: Option<i128>) -> Self {
        Self { load_bias, ..self }
    }
}

/// Why mappings make no module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOfOneFile {
    /// There is none, or the first is of no file.
    First,
    /// Another is of no file, or of another file than the first.
    Another,
}

impl fmt::Display for NotOfOneFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::First => "maps must be of a file",
            Self::Another => "maps must be of one file",
        })
    }
}

/// The modules of an address space, in the order of their lowest mappings.
#[derive(Clone, Debug, Default)]
pub struct Modules {
    modules: Vec<Module>,
    /// For each mapping the number of the module that it belongs to.
    owners: Vec<Option<usize>>,
}

impl Modules {
    /// Groups mappings in address order; see [`AddressSpace::modules_by`].
    ///
    /// [`AddressSpace::modules_by`]: super::AddressSpace::modules_by
    pub(super) fn new<M: Lend>(
        maps: &[M],
        segments_of: &mut dyn FnMut(usize) -> Option<Arc<[Segment]>>,
    ) -> Result<Self, TryReserveError> {
        let mut mappings: Vec<Mapping<'_>> = Vec::new();
        mappings.try_reserve_exact(maps.len())?;
        mappings.extend(maps.iter().map(Lend::mapping));
        let mut owners = Vec::new();
        owners.try_reserve_exact(maps.len())?;
        owners.resize(maps.len(), None);
        let groups = modules::group(&mappings, segments_of);
        let mut modules = Vec::new();
        modules.try_reserve_exact(groups.len())?;
        for module in groups
            .into_iter()
            .filter_map(|group| Module::new(group, maps))
        {
            for &position in module.positions() {
                if let Some(owner) = owners.get_mut(position) {
                    *owner = Some(modules.len());
                }
            }
            modules.push(module);
        }
        Ok(Self { modules, owners })
    }

    /// All of them.
    pub fn all(&self) -> &[Module] {
        &self.modules
    }

    /// The module of the mapping at a position, and its number.
    pub fn owner(&self, position: usize) -> Option<(usize, &Module)> {
        let number = self.owners.get(position).copied().flatten()?;
        Some((number, self.modules.get(number)?))
    }
}
