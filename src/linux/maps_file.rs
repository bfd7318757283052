//! A process's maps file, held open: one address space, whoever has the pid later.
//!
//! An open `/proc/<pid>/maps` belongs to the address space that the process had
//! when the file was opened (`proc_maps_open` in `fs/proc/task_mmu.c`). Once that
//! is gone, by execve(2) or by the end of the process, the file reads as empty,
//! and fails with ESRCH when the process was waited for.
//!
//! An open file has one position, which a fork's child shares with its parent; and
//! the two can have the same pid, each in a namespace of its own. So the text is
//! always read from a file that is opened for it. Of the one that is held, only its
//! beginning is read, with pread(2), which tells whether the address space is there.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;

use rustix::io::Errno;

use crate::linux::lookup::Lookup;
use crate::linux::procfs::{self, ProcessPath};
use crate::linux::query::query;
use crate::linux::reading;
use crate::linux::sharing::Sharing;
use crate::linux::threads::{Beginning, Directory, begins, gone, is_gone};

/// How often two beginnings of a text are compared: a process does not change its
/// first mapping so often just between two looks.
const TRIES: usize = 100;

/// A maps file, open. To be shared between threads, and with the child of a fork.
#[derive(Debug)]
pub(super) struct MapsFile {
    directory: Directory,
    /// Where it takes more than the file to tell whether the address space is there.
    sharing: Option<Sharing>,
    file: File,
    /// Whether there was an address space when the file was opened.
    had_maps: bool,
    /// Whether the file is that of another thread, the first one having ended.
    is_of_thread: bool,
    /// Whether the kernel answers queries, and these are wanted.
    is_query_supported: bool,
}

impl MapsFile {
    /// Opens the maps of a process, or of a thread that lives on where the first
    /// one has ended. A kernel thread and a zombie have none.
    pub(super) fn open(path: &ProcessPath, use_query: bool) -> io::Result<Self> {
        let directory = Directory::open(path)?;
        loop {
            let sharing = Sharing::of(&directory);
            let file = directory.file("maps")?;
            let (had_maps, is_query_supported) = look_into(&file, use_query)?;
            let thread = if had_maps {
                None
            } else {
                directory.living_thread()?
            };
            if sharing.as_ref().is_some_and(|it| !it.goes_on(&directory)) {
                // It has executed a program before its file was opened, or after.
                continue;
            }
            return Ok(Self {
                directory,
                sharing,
                is_query_supported,
                had_maps: had_maps || thread.is_some(),
                is_of_thread: thread.is_some(),
                file: thread.map_or(file, |thread| thread.maps),
            });
        }
    }

    /// The open file, for questions that leave its position alone.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Whether the kernel answers queries, and these are wanted.
    pub(super) fn is_query_supported(&self) -> bool {
        self.is_query_supported
    }

    /// Whether there was an address space when the file was opened.
    pub(super) fn had_maps(&self) -> bool {
        self.had_maps
    }

    /// What `maps`, `smaps` or `smaps_rollup` holds now, as [`read`] gives it.
    ///
    /// It is about the address space that is held if that is there afterwards: a
    /// process has one at a time.
    ///
    /// # Errors
    ///
    /// What the system says; ESRCH once the address space is gone, if only by the
    /// end of the reading.
    pub(super) fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let result = read_in(&self.directory, name);
        self.check_living()?;
        match &result {
            Ok(text) if !self.begins_as(Beginning::in_text(text)) => Err(gone()),
            _ => result,
        }
    }

    /// Whether what begins so is the text of the address space that is held. As the
    /// beginning can have changed meanwhile, both are looked at anew where they differ.
    fn begins_as(&self, mut begin: Beginning) -> bool {
        for _ in 0..TRIES {
            match Beginning::of(&self.file) {
                Ok(held) if held != begin => {}
                // Equal, or of a thread that has ended.
                _ => return true,
            }
            let maps = self.directory.file("maps");
            match maps.and_then(|maps| Beginning::of(&maps)) {
                // That of a first thread that has ended is empty.
                Ok(now) if now != Beginning::default() => begin = now,
                _ => return true,
            }
        }
        false
    }

    /// A directory in `/proc` that shows all files of the living process.
    ///
    /// # Errors
    ///
    /// What the system says; ESRCH where no thread is left.
    pub(super) fn living_directory(&self) -> io::Result<OwnedFd> {
        let begin = Beginning::of(&self.directory.file("maps")?)?;
        if begin == Beginning::default() {
            self.directory.of_living_thread()
        } else if self.begins_as(begin) {
            self.directory.of_process()
        } else {
            Err(gone())
        }
    }

    /// ESRCH where the address space is gone.
    pub(super) fn check_living(&self) -> io::Result<()> {
        let error = match begins(&self.file) {
            Ok(begins) if begins == self.had_maps => return self.check_sharing(),
            Ok(_) => gone(),
            Err(error) => error,
        };
        if is_gone(&error) && self.is_of_thread {
            // The thread has ended, and its file with it.
            return self.directory.another_thread().map(drop);
        }
        Err(error)
    }

    /// ESRCH where the address space is there, and the process has another one.
    #[inline]
    pub(super) fn check_sharing(&self) -> io::Result<()> {
        match &self.sharing {
            Some(sharing) if !sharing.goes_on(&self.directory) => Err(gone()),
            _ => Ok(()),
        }
    }
}

/// Whether there is an address space, and whether the kernel answers queries: one
/// query tells both where it does.
fn look_into(maps: &File, use_query: bool) -> io::Result<(bool, bool)> {
    if use_query {
        match query(maps, 0, Lookup::CoveringOrNext, &mut [], &mut []) {
            Ok(_) => return Ok((true, true)),
            Err(Errno::SRCH) => return Ok((false, true)),
            Err(Errno::NOENT) => return Ok((begins(maps)?, true)),
            Err(_) => {}
        }
    }
    Ok((begins(maps)?, false))
}

/// A file that tells of the maps of a process (`maps`, `smaps`, `smaps_rollup`),
/// as it is now: of a living thread where the first one has ended, and never cut
/// short by a change of address space. A process without maps has an empty one.
///
/// # Errors
///
/// What the system says: ESRCH also from `smaps_rollup` without maps.
pub(super) fn read(path: &ProcessPath, name: &str) -> io::Result<Vec<u8>> {
    let first = reading::open(&path.file(name)).and_then(|file| text(&file, name));
    match first {
        Ok(Text::Whole(text)) => Ok(text),
        Err(error) if !is_gone(&error) => Err(error),
        _ => read_in(&Directory::open(path)?, name),
    }
}

fn read_in(directory: &Directory, name: &str) -> io::Result<Vec<u8>> {
    loop {
        let result = directory.file(name).and_then(|file| text(&file, name));
        match result {
            Ok(Text::Whole(text)) => return Ok(text),
            Ok(Text::CutShort) => continue,
            Err(error) if !is_gone(&error) => return Err(error),
            _ => {}
        }
        let Some(thread) = directory.living_thread()? else {
            return result.map(|_| Vec::new());
        };
        let file = directory.file_of(&thread, name);
        match file.and_then(|file| text(&file, name)) {
            Ok(Text::Whole(text)) => return Ok(text),
            Err(error) if !procfs::is_no_such_process(&error) => return Err(error),
            // The thread has ended meanwhile.
            _ => {}
        }
    }
}

/// What a file of a thread holds.
enum Text {
    Whole(Vec<u8>),
    /// The thread has no address space.
    Empty,
    /// The address space went before the end of the text.
    CutShort,
}

fn text(file: &File, name: &str) -> io::Result<Text> {
    let mut text = Vec::new();
    reading::read_to_end(file, &mut text)?;
    if text.is_empty() {
        return Ok(Text::Empty);
    }
    // A rollup is made at once, and takes as long as all the maps.
    if name == "smaps_rollup" || begins(file)? {
        return Ok(Text::Whole(text));
    }
    Ok(Text::CutShort)
}

#[cfg(test)]
mod tests;
