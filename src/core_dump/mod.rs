//! A process that is dead: what its core file tells.

mod elf_file;

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::formats::core_file::{CoreError, CoreFile};
use crate::formats::elf::Segment;
use crate::mapping::Fields;
use elf_file::ElfFile;

/// A core file, open.
#[derive(Debug)]
pub struct CoreDump {
    file: File,
    core: CoreFile,
    /// The files that were mapped, by their names, found when one is first asked for.
    files: OnceLock<HashMap<Box<[u8]>, MappedFile>>,
}

impl CoreDump {
    /// Opens a core file, and reads its headers and notes.
    ///
    /// # Errors
    ///
    /// As [`CoreFile::read`], and what the system says.
    pub fn open(path: &Path) -> Result<Self, CoreError> {
        let file = open(path)?;
        let core = CoreFile::read(&file)?;
        Ok(Self {
            file,
            core,
            files: OnceLock::new(),
        })
    }

    /// The segments of the ELF file that was mapped at an address: from the memory in
    /// the core file, or from the disk if that has the same file.
    pub fn segments(&self, address: u64) -> Option<Arc<[Segment]>> {
        self.elf_file(address).map(|file| file.segments)
    }

    /// The build ID of the ELF file that was mapped at an address, from its note
    /// `NT_GNU_BUILD_ID` in the core file; see [`CoreDump::segments`].
    pub fn build_id(&self, address: u64) -> Option<Arc<[u8]>> {
        self.elf_file(address)?.build_id
    }

    fn elf_file(&self, address: u64) -> Option<ElfFile> {
        let name = self.core.file_at(address)?;
        let file = self.files.get_or_init(|| self.list_files()).get(name)?;
        let read = || ElfFile::read(&self.core, &self.file, name, &file.mappings);
        file.elf_file.get_or_init(read).clone()
    }

    fn list_files(&self) -> HashMap<Box<[u8]>, MappedFile> {
        let mut files: HashMap<Box<[u8]>, MappedFile> = HashMap::new();
        for (fields, name) in self.core.mappings_of_files() {
            if !files.contains_key(name) {
                files.insert(name.into(), MappedFile::default());
            }
            if let Some(file) = files.get_mut(name) {
                file.mappings.push(fields);
            }
        }
        files
    }

    /// What the headers and notes say.
    pub fn core(&self) -> &CoreFile {
        &self.core
    }
}

/// A file that was mapped, and what it says of itself once that was asked for.
#[derive(Debug, Default)]
struct MappedFile {
    mappings: Vec<Fields>,
    elf_file: OnceLock<Option<ElfFile>>,
}

/// Opens a file, which takes no time even where it is a FIFO: that can't be read at
/// any place, and says so then.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};

    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}
