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
use crate::linux::elf_file;
use crate::linux::filter::Filter;
use crate::linux::gate;
use crate::linux::lookup::Lookup;
use crate::linux::mapped_file::{self, MappedFile};
use crate::linux::maps_file::{self, MapsFile};
use crate::linux::procfs::{ProcRoot, ProcessPath};
use crate::linux::query::{LONG_NAME, QueryFlags, QueryResult, query};
use crate::mapping::{Fields, Mapping, Name, OwnedMapping, Spelling};

/// Room for the names of ordinary mappings.
const SHORT_NAME: usize = 256;

/// Room for a build ID; the kernel's longest has 20 bytes (`BUILD_ID_SIZE_MAX`).
const BUILD_ID: usize = 64;

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
        if !self.is_query_supported {
            return self.find_in_text(address, lookup, filter);
        }
        let flags = QueryFlags::new(lookup, filter);
        let mut from = address;
        let error = loop {
            match self.ask(from, flags) {
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

    fn ask(&self, address: u64, flags: QueryFlags) -> io::Result<OwnedMapping> {
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

    /// The build ID of the ELF file that is mapped at an address, from its notes:
    /// read by the kernel where it answers queries, otherwise from the file.
    ///
    /// # Errors
    ///
    /// As [`Process::find`]; without the ioctl also what opening the file says.
    pub fn build_id(&self, address: u64) -> io::Result<Option<Vec<u8>>> {
        if self.is_query_supported {
            let mut id = [0; BUILD_ID];
            match query(
                self.maps.file(),
                address,
                Lookup::Covering,
                &mut [],
                &mut id,
            ) {
                Ok(answer) => {
                    let id = id.get(..answer.build_id_size).unwrap_or_default();
                    return Ok((!id.is_empty()).then(|| id.to_vec()));
                }
                Err(Errno::NOENT) => return Ok(None),
                Err(Errno::NAMETOOLONG | Errno::NOTTY) => {}
                Err(Errno::SRCH) if !self.maps.had_maps() => {}
                Err(error) => return Err(error.into()),
            }
        }
        let Some(mapping) = self.find_in_text(address, Lookup::Covering, Filter::default())? else {
            return Ok(None);
        };
        match &mapping.name {
            Some(name) if mapping.fields.has_source() => {
                let file = self.locate(&mapping.fields, name)?;
                if file.is_regular() {
                    return elf_file::build_id(&file.open(&self.root)?);
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Opens the file behind a mapping, in the mount namespace of the process.
    ///
    /// # Errors
    ///
    /// What the system says: ENOENT where the file is not to be found, EACCES or
    /// EPERM where it may be, ESRCH once the address space is gone.
    pub fn open_source(&self, fields: &Fields, name: &Name) -> io::Result<File> {
        self.locate(fields, name)?.open(&self.root)
    }

    fn locate(&self, fields: &Fields, name: &Name) -> io::Result<MappedFile> {
        self.find(0, Lookup::CoveringOrNext)?;
        let directory = self.maps.living_directory()?;
        mapped_file::locate(&self.root, &directory, fields, name).or_else(|error| {
            self.find(0, Lookup::CoveringOrNext)?;
            Err(error)
        })
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

fn from_answer(answer: &QueryResult, buffer: &[u8]) -> io::Result<OwnedMapping> {
    let name = buffer.get(..answer.name_size.saturating_sub(1));
    let name = name.filter(|name| !name.is_empty());
    Ok(OwnedMapping::new(answer.fields, name, Spelling::Raw)?)
}

#[cfg(test)]
mod tests;
