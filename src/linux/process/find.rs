//! One mapping of a live process.
//!
//! It is asked for with the ioctl `PROCMAP_QUERY` where the kernel has it, which takes
//! the same time however many mappings there are; otherwise it is looked for in the
//! text, with the same answer.

use std::fs::File;
use std::io;

use rustix::io::Errno;

use super::Process;
use crate::formats::error::ParseError;
use crate::formats::lines::Lines;
use crate::formats::maps::records;
use crate::linux::filter::Filter;
use crate::linux::gate::{self, Known};
use crate::linux::lookup::Lookup;
use crate::linux::procfs::ProcessPath;
use crate::linux::query::{LONG_NAME, QueryFlags, QueryResult, query};
use crate::linux::reading;
use crate::mapping::{Mapping, OwnedMapping, Spelling};

/// Room for the names of ordinary mappings.
const SHORT_NAME: usize = 256;

impl Process {
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

    /// As [`Process::find_filtered`], in the address space that is held.
    #[inline]
    fn find_held(
        &self,
        address: u64,
        lookup: Lookup,
        filter: Filter,
    ) -> io::Result<Option<OwnedMapping>> {
        if !self.is_query_supported() {
            return self.find_in_text(address, lookup, filter);
        }
        let flags = QueryFlags::new(lookup, filter);
        let mut from = address;
        let error = loop {
            match query_mapping(self.maps.file(), from, flags) {
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
        if self.gate.get().is_none() {
            let _ = self.gate.set(self.read_gate()?);
        }
        let gate = self.gate.get().and_then(Option::as_ref);
        let gate = gate.filter(|gate| lookup.rank(&gate.fields, address).is_some());
        Ok(gate.map(OwnedMapping::copy_of).transpose()?)
    }

    fn is_any_above(&self, address: u64) -> bool {
        let lookup = Lookup::CoveringOrNext;
        query(self.maps.file(), address, lookup, &mut [], &mut []).is_ok()
    }

    /// The gate, which is the same for the life of an address space.
    fn read_gate(&self) -> io::Result<Option<OwnedMapping>> {
        match gate::of(self.maps.file(), 0) {
            Known::Nothing => {}
            Known::NoGate => return Ok(None),
            Known::Gate(gate) => {
                let gate = OwnedMapping::new(gate.fields, Some(gate.name), Spelling::Printed)?;
                return Ok(Some(gate));
            }
        }
        let text = self.maps.read("maps")?;
        gate::learn(&text);
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

/// The mapping at an address of whoever has the pid: what [`Process::find`] says of a
/// process that is opened for it, which is opened where a first query gives none.
///
/// # Errors
///
/// As [`Process::open`] and [`Process::find`].
pub fn find_once(path: &ProcessPath, address: u64) -> io::Result<Option<OwnedMapping>> {
    let maps = reading::open(&path.file("maps"))?;
    match query_mapping(&maps, address, Lookup::Covering.into()) {
        Ok(mapping) => Ok(Some(mapping)),
        Err(_) => Process::open(path, true)?.find(address, Lookup::Covering),
    }
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

fn query_mapping(maps: &File, address: u64, flags: QueryFlags) -> io::Result<OwnedMapping> {
    let mut name = [0; SHORT_NAME];
    match query(maps, address, flags, &mut name, &mut []) {
        Err(Errno::NAMETOOLONG) => {
            let mut name = Vec::new();
            name.try_reserve_exact(LONG_NAME)?;
            name.resize(LONG_NAME, 0);
            let answer = query(maps, address, flags, &mut name, &mut [])?;
            from_answer(&answer, &name)
        }
        answer => from_answer(&answer?, &name),
    }
}

#[cfg(test)]
mod tests;
