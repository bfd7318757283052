//! A core file as mappings: what was mapped when a process died.
//!
//! Linux writes an ELF file (core(5), `elf_core_dump` in the kernel's
//! `fs/binfmt_elf.c`): a program header `PT_LOAD` for each mapping, with its range and
//! permissions, and notes that say which files were mapped where. gdb's `gcore` writes
//! the same in another way. Only headers and notes are read, and of the memory a few
//! pages that hold the headers of programs; never as much as the file is long.

mod error;
mod files;
mod form;
mod header;
mod join;
mod mapping;
mod memory;
mod names;
mod notes;
mod process;
mod segments;
mod unloaded;

use std::io;

pub use error::{ContentError, CoreError};

use crate::formats::read_at::ReadAt;
use crate::mapping::name::DELETED;
use crate::mapping::{Fields, Kind, Permissions};
use header::Header;
use mapping::{CoreMapping, CoreName};
use memory::Memory;
use notes::Notes;
use process::ProcessNotes;
use segments::{Load, Segments};

/// What the headers and notes of a core file say.
#[derive(Debug)]
pub struct CoreFile {
    loads: Vec<Load>,
    mappings: Vec<CoreMapping>,
    /// The note of files, in which the names stand.
    names: Vec<u8>,
    process: ProcessNotes,
}

impl CoreFile {
    /// Reads the headers and notes of a core file. One that was cut short is read as
    /// far as it goes, if its program headers are whole.
    ///
    /// # Errors
    ///
    /// A [`ContentError`] where it is no core file or its headers or notes can't be;
    /// otherwise what the system says.
    pub fn read<S: ReadAt + ?Sized>(source: &S) -> Result<Self, CoreError> {
        let header = Header::read(source)?;
        let segments = Segments::read(source, &header)?;
        let notes = Notes::read(source, header.form, &segments.notes)?;
        let files = match &notes.files {
            Some(note) => files::parse(header.form, note)?,
            None => Vec::new(),
        };
        let process = ProcessNotes::parse(header.form, &notes);
        let mut core = Self {
            mappings: join::join(&segments.loads, &files)?,
            names: notes.files.unwrap_or_default().bytes,
            loads: segments.loads,
            process,
        };
        core.complete(source, header.machine);
        Ok(core)
    }

    /// Adds what stands elsewhere than in the two lists of mappings.
    fn complete<S: ReadAt + ?Sized>(&mut self, source: &S, machine: u16) {
        let memory = Memory {
            source,
            loads: &self.loads,
        };
        let (mappings, names, process) = (&mut self.mappings, &self.names, &self.process);
        unloaded::add_permissions(mappings, names, &memory, process.page);
        names::add_names(mappings, names, process, machine, &memory);
        for mapping in mappings {
            if let CoreName::File(name) = &mapping.name {
                if is_always_shared(names.get(name.clone()).unwrap_or_default()) {
                    mapping.fields.permissions = shared(mapping.fields.permissions);
                }
            }
        }
    }

    /// The mappings in the order of their addresses, each with its name as the kernel
    /// knows it, not escaped. Device and inode are 0.
    pub fn mappings(&self) -> impl ExactSizeIterator<Item = (Fields, Option<&[u8]>)> {
        self.mappings
            .iter()
            .map(|mapping| (mapping.fields, self.name(mapping)))
    }

    /// The mappings of files, in order, each with the name of its file.
    pub fn mappings_of_files(&self) -> impl Iterator<Item = (Fields, &[u8])> {
        self.mappings
            .iter()
            .filter_map(|mapping| match mapping.name {
                CoreName::File(_) => Some((mapping.fields, self.name(mapping)?)),
                _ => None,
            })
    }

    /// The name of the file that was mapped at an address.
    pub fn file_at(&self, address: u64) -> Option<&[u8]> {
        let mapping = self
            .mappings
            .get(names::position(&self.mappings, address)?)?;
        match mapping.name {
            CoreName::File(_) => self.name(mapping),
            _ => None,
        }
    }

    fn name(&self, mapping: &CoreMapping) -> Option<&[u8]> {
        match &mapping.name {
            CoreName::None => None,
            CoreName::Special(name) => Some(name),
            CoreName::File(name) => {
                let name = self.names.get(name.clone());
                name.filter(|name| !name.is_empty())
            }
        }
    }

    /// The number of the process.
    pub fn pid(&self) -> Option<i32> {
        Some(self.process.pid).filter(|&pid| pid != 0)
    }

    /// The path of the program: the file in which its headers lay.
    pub fn program(&self) -> Option<&[u8]> {
        let at = names::told(&self.mappings, self.process.headers_address)?;
        let name = self.name(self.mappings.get(at)?)?;
        let path = name.strip_suffix(DELETED).unwrap_or(name);
        path.starts_with(b"/").then_some(path)
    }

    /// Reads the memory at an address into a buffer, and returns how much of it; less
    /// where it was not written or the file is cut short.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn read_memory<S: ReadAt + ?Sized>(
        &self,
        source: &S,
        address: u64,
        buffer: &mut [u8],
    ) -> io::Result<usize> {
        let memory = Memory {
            source,
            loads: &self.loads,
        };
        memory.read(address, buffer)
    }
}

/// Whether memory of this name can't be private: System V memory and what `mmap(2)`
/// gives for `MAP_SHARED | MAP_ANONYMOUS`.
fn is_always_shared(name: &[u8]) -> bool {
    Kind::of(Some(name)) == Kind::SharedMemory
}

fn shared(permissions: Permissions) -> Permissions {
    Permissions::new(
        permissions.is_readable(),
        permissions.is_writable(),
        permissions.is_executable(),
        true,
    )
}

#[cfg(test)]
mod tests;
