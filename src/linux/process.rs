//! A live process, asked directly.

use std::fs::File;
use std::io;

use once_cell::sync::OnceCell;

use crate::linux::maps_file::{self, MapsFile};
use crate::linux::procfs::{ProcRoot, ProcessPath};
use crate::mapping::OwnedMapping;

/// A process whose maps are held open.
#[derive(Debug)]
pub struct Process {
    root: ProcRoot,
    maps: MapsFile,
    gate: OnceCell<Option<OwnedMapping>>,
}

impl Process {
    /// Opens a process, and finds out whether its kernel answers queries, unless
    /// these are unwanted.
    pub fn open(path: &ProcessPath, use_query: bool) -> io::Result<Self> {
        Ok(Self {
            root: path.root().clone(),
            maps: MapsFile::open(path, use_query)?,
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
        self.maps.is_query_supported()
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

    /// ESRCH where the address space that is held is another process's by now.
    #[inline]
    pub(super) fn check_sharing(&self) -> io::Result<()> {
        self.maps.check_sharing()
    }
}

pub use find::find_once;

/// A file that tells of the maps of a process; see [`maps_file::read`].
pub fn read_file(path: &ProcessPath, name: &str) -> io::Result<Vec<u8>> {
    maps_file::read(path, name)
}

mod find;
mod source;
#[cfg(test)]
mod tests;
