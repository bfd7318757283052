//! The directory of a process in `/proc`, and the threads in it.
//!
//! Linux takes what a file of `/proc` shows through the thread that its directory
//! stands for. A first thread that has ended has no address space while the others
//! run on: their files, `/proc/<pid>/task/<tid>/maps`, show the one that all share.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{Dir, Mode, OFlags};

use crate::linux::procfs::{self, ProcessPath};

/// `/proc/<pid>`, open: it stands for one process, whoever has the pid later and
/// whatever is mounted there by then.
#[derive(Debug)]
pub(super) struct Directory(OwnedFd);

/// A thread that has maps.
#[derive(Debug)]
pub(super) struct Thread {
    /// Its number.
    pub(super) id: i32,
    /// Its maps file, open.
    pub(super) maps: File,
}

impl Directory {
    /// Opens the directory of a process.
    pub(super) fn open(path: &ProcessPath) -> io::Result<Self> {
        open_directory(rustix::fs::CWD, &path.directory()).map(Self)
    }

    /// Opens a file of the first thread.
    pub(super) fn file(&self, name: &str) -> io::Result<File> {
        open_file(&self.0, name)
    }

    /// Opens a file of a thread.
    pub(super) fn file_of(&self, thread: &Thread, name: &str) -> io::Result<File> {
        open_file(&self.0, &format!("task/{}/{name}", thread.id))
    }

    /// Another handle of it.
    pub(super) fn of_process(&self) -> io::Result<OwnedFd> {
        self.0.try_clone()
    }

    /// The directory of a living thread, which shows all files of the process where
    /// the first thread has ended.
    ///
    /// # Errors
    ///
    /// What the system says; ESRCH where no thread has maps.
    pub(super) fn of_living_thread(&self) -> io::Result<OwnedFd> {
        let thread = self.living_thread()?.ok_or_else(gone)?;
        // Under `task` there is no `map_files`; the thread's own directory has it.
        open_directory(&self.0, format!("../{}", thread.id).as_ref())
    }

    /// The first thread of the process that has maps.
    pub(super) fn living_thread(&self) -> io::Result<Option<Thread>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let threads = rustix::fs::openat(&self.0, "task", flags, Mode::empty())?;
        for entry in Dir::read_from(&threads)? {
            let entry = entry?;
            let name = entry.file_name().to_str().ok();
            let Some(id) = name.and_then(|id| id.parse().ok()) else {
                continue; // . and ..
            };
            match maps_of_thread(&threads, id) {
                Ok(Some(maps)) => return Ok(Some(Thread { id, maps })),
                Ok(None) => {}
                // It has ended since it was listed.
                Err(error) if procfs::is_no_such_process(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Another thread of a process whose first one has ended.
    ///
    /// Its maps are those of the threads before: had one of them executed another
    /// program, it would have taken the place of the first thread (`de_thread` in
    /// `fs/exec.c`), which would show maps again.
    ///
    /// # Errors
    ///
    /// What the system says; ESRCH where there is none.
    pub(super) fn another_thread(&self) -> io::Result<Thread> {
        let find = || {
            let thread = self.living_thread()?;
            let is_other_program = begins(&self.file("maps")?)?;
            Ok(thread.filter(|_| !is_other_program))
        };
        match find() {
            Ok(thread) => thread.ok_or_else(gone),
            Err(error) if procfs::is_no_such_process(&error) => Err(gone()),
            Err(error) => Err(error),
        }
    }
}

fn open_file(directory: &OwnedFd, path: &str) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(directory, path, flags, Mode::empty())?.into())
}

fn open_directory(parent: impl std::os::fd::AsFd, path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(parent, path, flags, Mode::empty())?)
}

fn maps_of_thread(threads: &OwnedFd, id: i32) -> io::Result<Option<File>> {
    loop {
        let maps = open_file(threads, &format!("{id}/maps"))?;
        if begins(&maps)? {
            return Ok(Some(maps));
        }
        if !has_memory(threads, id)? {
            return Ok(None);
        }
        // It executed another program after its file was opened.
    }
}

/// Whether a thread has an address space: the first number of `statm`, its pages,
/// is 0 for a kernel thread and for one that has ended (`proc_pid_statm` in
/// `fs/proc/array.c`). While it executes a program it has the old one or the new.
fn has_memory(threads: &OwnedFd, id: i32) -> io::Result<bool> {
    let mut first = [0; 2];
    let statm = open_file(threads, &format!("{id}/statm"))?;
    let size = rustix::io::pread(statm, &mut first, 0)?;
    Ok(size > 0 && first != *b"0 ")
}

/// The address that a text of maps begins with, in its digits: `smaps` and
/// `smaps_rollup` begin with the same; empty where there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Beginning([u8; 16]);

impl Beginning {
    /// That of a text.
    pub(super) fn in_text(text: &[u8]) -> Self {
        let digits = text.split(|&byte| byte == b'-').next().unwrap_or_default();
        let mut begin = [0; 16];
        for (to, from) in begin.iter_mut().zip(digits) {
            *to = *from;
        }
        Self(begin)
    }

    /// That of a file, read from its start, which takes the kernel to print no more
    /// than the first line, and leaves its position alone.
    pub(super) fn of(maps: &File) -> io::Result<Self> {
        let mut text = [0; 17];
        let size = rustix::io::pread(maps, &mut text, 0)?;
        Ok(Self::in_text(text.get(..size).unwrap_or_default()))
    }
}

/// Whether a maps file shows anything.
pub(super) fn begins(maps: &File) -> io::Result<bool> {
    Ok(Beginning::of(maps)? != Beginning::default())
}

/// The error for an address space that is gone.
pub(super) fn gone() -> io::Error {
    io::Error::from_raw_os_error(procfs::NO_SUCH_PROCESS)
}

pub(super) fn is_gone(error: &io::Error) -> bool {
    error.raw_os_error() == Some(procfs::NO_SUCH_PROCESS)
}

#[cfg(test)]
mod tests;
