//! The file behind a mapping of a live process, and its build ID.
//!
//! The kernel reads a build ID from whatever is mapped: from a socket it takes the
//! bytes that the process was to receive, on a packet ring it waits, and of a device
//! it complains in its log. So what is mapped is asked first, and nothing but a
//! regular file is read. Where the file can be opened, that is certain, for fstat(2)
//! says what it is. Where it can't, its name has to tell, and the kernel is asked;
//! the mapping may have changed between the two questions.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::fs::{readlink, readlinkat, stat};
use rustix::io::Errno;

use super::Process;
use crate::formats::elf::Segment;
use crate::linux::elf_file;
use crate::linux::lookup::{FileError, Lookup};
use crate::linux::mapped_file::{self, MappedFile, Wanted, device_of};
use crate::linux::query::query;
use crate::mapping::name::DELETED;
use crate::mapping::{Fields, Kind, Name, OwnedMapping};

/// Room for a build ID; the kernel's longest has 20 bytes (`BUILD_ID_SIZE_MAX`).
const BUILD_ID: usize = 64;

impl Process {
    /// The build ID of the ELF file behind a mapping, from its notes; `None` where
    /// that is no regular file or has none.
    ///
    /// Where the file can't be opened the kernel reads it, if it answers queries: a
    /// build ID of at most 20 bytes.
    ///
    /// # Errors
    ///
    /// As [`Process::find`]; a [`FileError`] where the file can't be read.
    pub fn build_id(&self, mapping: &OwnedMapping) -> io::Result<Option<Vec<u8>>> {
        let Some(name) = name_of_regular(mapping) else {
            return Ok(None);
        };
        let (error, is_regular) = match self.locate(&mapping.fields, name)? {
            Ok(file) if !file.is_regular() => return Ok(None),
            Ok(file) => match file
                .open_at_once(&self.root)
                .and_then(|file| elf_file::build_id(&file))
            {
                Ok(id) => return Ok(id),
                Err(error) => (error, true),
            },
            Err(error) => (error, is_named_as_regular(name, &mapping.fields)),
        };
        let is_refused = error
            .raw_os_error()
            .is_some_and(|number| number != Errno::INTR.raw_os_error());
        if is_regular && is_refused && self.is_query_supported() {
            if let Some(answer) = self.ask_for_build_id(&mapping.fields) {
                return answer;
            }
        }
        Err(FileError::wrap(error, name))
    }

    /// The segments that a loader maps of the file behind a mapping; `None` where it
    /// is no ELF file, or can't be read at once.
    ///
    /// # Errors
    ///
    /// ESRCH once the address space is gone. After `ErrorKind::Interrupted` the
    /// question can be put again.
    pub fn load_segments(&self, mapping: &OwnedMapping) -> io::Result<Option<Arc<[Segment]>>> {
        let Some(name) = name_of_regular(mapping) else {
            return Ok(None);
        };
        let segments = match self.locate(&mapping.fields, name)? {
            Ok(file) if file.is_regular() => file
                .open_at_once(&self.root)
                .and_then(|file| elf_file::load_segments(&file)),
            _ => return Ok(None),
        };
        match segments {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            segments => Ok(segments.unwrap_or_default()),
        }
    }

    /// Whether a regular file has the build ID that the kernel reads from what is
    /// mapped in a place.
    fn has_build_id_of(&self, fields: &Fields, file: &File) -> io::Result<bool> {
        let Some(id) = elf_file::build_id(file)?.filter(|_| self.is_query_supported()) else {
            return Ok(false);
        };
        let mut mapped = [0; BUILD_ID];
        let (address, maps) = (fields.begin_address, self.maps.file());
        let answer = query(maps, address, Lookup::Covering, &mut [], &mut mapped);
        Ok(answer.is_ok_and(|answer| {
            answer.fields == *fields && mapped.get(..answer.build_id_size) == Some(&*id)
        }))
    }

    /// What the kernel reads from the file itself; `None` where it doesn't answer.
    /// It is no answer either where another file is mapped by now.
    fn ask_for_build_id(&self, fields: &Fields) -> Option<io::Result<Option<Vec<u8>>>> {
        let mut id = [0; BUILD_ID];
        let (address, maps) = (fields.begin_address, self.maps.file());
        match query(maps, address, Lookup::Covering, &mut [], &mut id) {
            Ok(answer) => {
                let file = (answer.fields.device, answer.fields.inode);
                if file != (fields.device, fields.inode) {
                    return None;
                }
                let id = id.get(..answer.build_id_size).unwrap_or_default();
                Some(Ok((!id.is_empty()).then(|| id.to_vec())))
            }
            Err(error @ (Errno::SRCH | Errno::INTR)) => Some(Err(error.into())),
            Err(_) => None,
        }
    }

    /// Opens the file behind a mapping, in the mount namespace of the process.
    ///
    /// # Errors
    ///
    /// ESRCH once the address space is gone; a [`FileError`] with what the system says
    /// of the file: ENOENT where it is not to be found, EACCES or EPERM where it may
    /// be.
    pub fn open_source(&self, fields: &Fields, name: &Name) -> io::Result<File> {
        let file = self.locate(fields, name)?;
        file.and_then(|file| file.open(&self.root))
            .map_err(|error| FileError::wrap(error, name))
    }

    /// A path by which others can open the file behind a mapping: below the directory
    /// of the process in `/proc`, or else as this process sees it.
    ///
    /// # Errors
    ///
    /// As [`Process::open_source`].
    pub fn path_of(&self, fields: &Fields, name: &Name) -> io::Result<PathBuf> {
        let file = self.locate(fields, name)?;
        let path = file.and_then(|file| Ok(self.directory_path()?.join(file.path())));
        path.map_err(|error| FileError::wrap(error, name))
    }

    /// The path of the program that the process executes, without the mark of a
    /// deleted file.
    ///
    /// # Errors
    ///
    /// ESRCH once the address space is gone, ENOENT where there is none.
    pub fn program(&self) -> io::Result<Vec<u8>> {
        self.maps.check_living()?;
        let directory = self.maps.living_directory()?;
        let program = readlinkat(&directory, "exe", Vec::new());
        self.maps.check_living()?;
        let program = program?.into_bytes();
        match program.strip_suffix(DELETED) {
            Some(live) => Ok(live.to_vec()),
            None => Ok(program),
        }
    }

    /// The path of the directory of the process, or of a thread that lives.
    fn directory_path(&self) -> io::Result<PathBuf> {
        let directory = self.maps.living_directory()?;
        let descriptor = format!("fd/{}", directory.as_raw_fd());
        let path = readlink(self.root.own_thread().join(descriptor), Vec::new())?;
        Ok(OsString::from_vec(path.into_bytes()).into())
    }

    /// The file, or what the system says of it.
    ///
    /// # Errors
    ///
    /// ESRCH once the address space is gone.
    fn locate(&self, fields: &Fields, name: &Name) -> io::Result<io::Result<MappedFile>> {
        self.maps.check_living()?;
        let directory = self.maps.living_directory()?;
        let wanted = Wanted {
            fields,
            name,
            root: &self.root,
            directory: &directory,
        };
        let file = mapped_file::locate(&wanted, |file| self.has_build_id_of(fields, file));
        if file.is_err() {
            self.maps.check_living()?;
        }
        Ok(file)
    }
}

/// The name of a mapping that can be of a regular file.
fn name_of_regular(mapping: &OwnedMapping) -> Option<&Name> {
    let name = mapping.name.as_ref()?;
    (mapping.fields.has_source() && can_be_regular(name)).then_some(name)
}

/// Whether the name can be that of a regular file: of sockets, anonymous inodes and
/// other memory that is no file it is not, and `memfd_secret(2)` lets nobody read.
fn can_be_regular(name: &Name) -> bool {
    matches!(name.kind(), Kind::File | Kind::Memfd | Kind::Device)
        && name.as_bytes() != b"/secretmem (deleted)"
}

/// Whether such a file is a regular one as far as name and device tell: a device lies
/// in `/dev`, or has been mounted elsewhere from there.
fn is_named_as_regular(name: &Name, fields: &Fields) -> bool {
    name.kind() != Kind::Device
        && stat("/dev").is_ok_and(|devices| device_of(&devices) != fields.device)
}

#[cfg(test)]
mod tests;
