//! In place of `process.rs` on systems without `/proc/<pid>/maps`.

use std::convert::Infallible;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::formats::elf::Segment;
use crate::linux::filter::Filter;
use crate::linux::lookup::Lookup;
use crate::linux::procfs::ProcessPath;
use crate::mapping::{Fields, Name, OwnedMapping};

/// A process whose maps are held open: there is none.
#[derive(Debug)]
pub struct Process(Infallible);

#[allow(missing_docs, clippy::missing_errors_doc)] // see process.rs
impl Process {
    pub fn open(_path: &ProcessPath, _use_query: bool) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub fn had_maps(&self) -> bool {
        match self.0 {}
    }

    pub fn is_query_supported(&self) -> bool {
        match self.0 {}
    }

    pub fn text(&self) -> io::Result<Vec<u8>> {
        match self.0 {}
    }

    pub fn read_beside(&self, _name: &str) -> io::Result<Vec<u8>> {
        match self.0 {}
    }

    pub fn find(&self, _address: u64, _lookup: Lookup) -> io::Result<Option<OwnedMapping>> {
        match self.0 {}
    }

    pub fn find_filtered(
        &self,
        _address: u64,
        _scope: Lookup,
        _filter: Filter,
    ) -> io::Result<Option<OwnedMapping>> {
        match self.0 {}
    }

    pub fn build_id(&self, _mapping: &OwnedMapping) -> io::Result<Option<Vec<u8>>> {
        match self.0 {}
    }

    pub fn load_segments(&self, _mapping: &OwnedMapping) -> io::Result<Option<Arc<[Segment]>>> {
        match self.0 {}
    }

    pub fn path_of(&self, _fields: &Fields, _name: &Name) -> io::Result<PathBuf> {
        match self.0 {}
    }

    pub fn program(&self) -> io::Result<Vec<u8>> {
        match self.0 {}
    }

    pub fn open_source(&self, _fields: &Fields, _name: &Name) -> io::Result<File> {
        match self.0 {}
    }
}

/// A file that tells of the maps of a process: there is none.
///
/// # Errors
///
/// Always.
pub fn read_file(_path: &ProcessPath, _name: &str) -> io::Result<Vec<u8>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// One mapping of a process: there is none.
///
/// # Errors
///
/// Always.
pub fn find_once(_path: &ProcessPath, _address: u64) -> io::Result<Option<OwnedMapping>> {
    Err(io::ErrorKind::Unsupported.into())
}
