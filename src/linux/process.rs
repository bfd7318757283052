//! A live process, asked directly.
//!
//! One mapping is asked for with the ioctl `PROCMAP_QUERY` where the kernel has
//! it, which takes the same time however many mappings there are; otherwise it
//! is looked for in the text, with the same answer.

use std::fs::File;
use std::io;

use once_cell::sync::OnceCell;
use rustix::io::Errno;

use crate::formats::error::ParseError;
use crate::formats::lines::Lines;
use crate::formats::maps::records;
use crate::linux::filter::Filter;
use crate::linux::gate;
use crate::linux::lookup::Lookup;
use crate::linux::maps_file::{self, MapsFile};
use crate::linux::procfs::{ProcRoot, ProcessPath};
use crate::linux::query::{LONG_NAME, QueryFlags, QueryResult, query};
use crate::mapping::{Mapping, OwnedMapping, Spelling};

/// Room for the names of ordinary mappings.
const SHORT_NAME: usize = 256;

/// A process whose maps are held open.
#[derive(Debug)]
pub struct Process {
    root: ProcRoot,
    maps: MapsFile,
    is_query_supported: bool,
    gate: OnceCell<Option<OwnedMapping>>,
}

impl Process {
    /// Opens a process, and finds out whether its kernel answers queries, unless
    /// these are unwanted.
    pub fn open(path: &ProcessPath, use_query: bool) -> io::Result<Self> {
        let maps = MapsFile::open(path)?;
        let is_query_supported = use_query && {
            let probe = query(maps.file(), 0, Lookup::Covering, &mut [], &mut []);
            matches!(probe, Ok(_) | Err(Errno::NOENT | Errno::SRCH))
        };
        Ok(Self {
            root: path.root().clone(),
            maps,
            is_query_supported,
            gate: OnceCell::new(),
        })
    }

    /// Whether it had an address space when it was opened: kernel threads and
    /// zombies have none.
    pub fn had_maps(&self) -> bool {
        self.maps.had_maps()
    }

    /// Whether single mappings are asked for with the ioctl.
    pub fn is_query_supported(&self) -> bool {
        self.is_query_supported
    }

    /// The open file, for questions that leave its position alone.
    pub(super) fn maps_file(&self) -> &File {
        self.maps.file()
    }

    /// The text of all maps, as the kernel prints them now.
    ///
    /// # Errors
    ///
    /// What the system says: ESRCH once the address space is gone.
    pub fn text(&self) -> io::Result<Vec<u8>> {
        self.maps.read("maps")
    }

    /// Another file that tells of the maps, such as `smaps`, as it is now.
    ///
    /// # Errors
    ///
    /// What the system says: ESRCH once the address space is gone.
    pub fn read_beside(&self, name: &str) -> io::Result<Vec<u8>> {
        self.maps.read(name)
    }

    /// The mapping at an address, or the next one if the lookup says so.
    ///
    /// # Errors
    ///
    /// What the system says: ESRCH once the address space is gone. After
    /// `ErrorKind::Interrupted` the question can be put again.
    pub fn find(&self, address: u64, lookup: Lookup) -> io::Result<Option<OwnedMapping>> {
        self.find_filtered(address, lookup, Filter::default())
    }

    /// As [`Process::find`], of those mappings alone that a filter admits.
    ///
    /// # Errors
    ///
    /// As [`Process::find`].
    pub fn find_filtered(
        &self,
        address: u64,
        lookup: Lookup,
        filter: Filter,
    ) -> io::Result<Option<OwnedMapping>> {
        let found = self.find_held(address, lookup, filter)?;
        self.check_sharing()?;
        Ok(found)
    }

    /// ESRCH where the address space that is held is another process's by now.
    #[inline]
    pub(super) fn check_sharing(&self) -> io::Result<()> {
        self.maps.check_sharing()
    }

    /// As [`Process::find_filtered`], in the address space that is held.
    #[inline]
    fn find_held(
        &self,
        address: u64,
        lookup: Lookup,
        filter: Filter,
    ) -> io::Result<Option<OwnedMapping>> {
        if !self.is_query_supported {
            return self.find_in_text(address, lookup, filter);
        }
        let flags = QueryFlags::new(lookup, filter);
        let mut from = address;
        let error = loop {
            match self.query(from, flags) {
                Ok(mapping) if filter.admits(&mapping.fields) => return Ok(Some(mapping)),
                Ok(_) if lookup == Lookup::Covering => return Ok(None),
                Ok(mapping) => from = mapping.fields.end_address,
                Err(error) => break error,
            }
        };
        match Errno::from_io_error(&error) {
            Some(Errno::NOENT) if !gate::can_be_wanted(filter) => Ok(None),
            Some(Errno::NOENT) => {
                let gate = self.find_in_gate(address, lookup)?;
                Ok(gate.filter(|gate| filter.admits(&gate.fields)))
            }
            Some(Errno::NAMETOOLONG | Errno::NOTTY) => self.find_in_text(address, lookup, filter),
            // A zombie or a kernel thread: no maps, for as long as it is there.
            Some(Errno::SRCH) if !self.maps.had_maps() => {
                self.find_in_text(address, lookup, filter)
            }
            _ => Err(error),
        }
    }

    fn query(&self, address: u64, flags: QueryFlags) -> io::Result<OwnedMapping> {
        let mut name = [0; SHORT_NAME];
        match query(self.maps.file(), address, flags, &mut name, &mut []) {
            Err(Errno::NAMETOOLONG) => {
                let mut name = Vec::new();
                name.try_reserve_exact(LONG_NAME)?;
                name.resize(LONG_NAME, 0);
                let answer = query(self.maps.file(), address, flags, &mut name, &mut [])?;
                from_answer(&answer, &name)
            }
            answer => from_answer(&answer?, &name),
        }
    }

    fn find_in_text(
        &self,
        address: u64,
        lookup: Lookup,
        filter: Filter,
    ) -> io::Result<Option<OwnedMapping>> {
        let text = self.maps.read("maps")?;
        let mut best: Option<(_, Mapping<'_>)> = None;
        for record in records(Lines::from_kernel(&text)) {
            let record = record.map_err(not_maps)?;
            let fields = &record.fields;
            let rank = lookup
                .rank(fields, address)
                .filter(|_| filter.admits(fields));
            let better = rank.filter(|&rank| best.is_none_or(|(best, _)| best < rank));
            if let Some(rank) = better {
                best = Some((rank, record));
            }
        }
        best.map(|(_, record)| owned(&record)).transpose()
    }

    /// The gate, if the address asks for it: nothing is mapped above the address
    /// that the ioctl knows.
    fn find_in_gate(&self, address: u64, lookup: Lookup) -> io::Result<Option<OwnedMapping>> {
        let is_known = lookup == Lookup::CoveringOrNext || self.gate.get().is_some();
        if !is_known && self.is_any_above(address) {
            return Ok(None);
        }
        // Never initialised in the cell: whoever else asks would wait for it, and
        // in the child of a fork for a thread that is not there.
        let gate = if let Some(gate) = self.gate.get() {
            gate.clone()
        } else {
            let gate = self.read_gate()?;
            let _ = self.gate.set(gate.clone());
            gate
        };
        Ok(gate.filter(|gate| lookup.rank(&gate.fields, address).is_some()))
    }

    fn is_any_above(&self, address: u64) -> bool {
        let lookup = Lookup::CoveringOrNext;
        query(self.maps.file(), address, lookup, &mut [], &mut []).is_ok()
    }

    /// The gate, which is the same for the life of an address space.
    fn read_gate(&self) -> io::Result<Option<OwnedMapping>> {
        let text = self.maps.read("maps")?;
        for record in records(Lines::from_kernel(&text)) {
            let record = record.map_err(not_maps)?;
            if record
                .pathname
                .is_some_and(|name| gate::NAMES.contains(&name))
            {
                return owned(&record).map(Some);
            }
        }
        Ok(None)
    }
}

/// A file that tells of the maps of a process; see [`maps_file::read`].
pub fn read_file(path: &ProcessPath, name: &str) -> io::Result<Vec<u8>> {
    maps_file::read(path, name)
}

fn not_maps(error: ParseError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn owned(mapping: &Mapping<'_>) -> io::Result<OwnedMapping> {
    Ok(OwnedMapping::new(
        mapping.fields,
        mapping.pathname,
        Spelling::Printed,
    )?)
}

fn from_answer(answer: &QueryResult, names: &[u8]) -> io::Result<OwnedMapping> {
    let name = answer.name(names);
    Ok(OwnedMapping::new(answer.fields, name, Spelling::Raw)?)
}

mod source;
#[cfg(test)]
mod tests;
