//! A process's maps file, held open: one address space, whoever has the pid later.
//!
//! An open `/proc/<pid>/maps` belongs to the address space that the process had
//! when the file was opened (`proc_maps_open` in `fs/proc/task_mmu.c`). Once that
//! is gone, by execve(2) or by the end of the process, the file reads as empty,
//! and fails with ESRCH when the process was waited for.
//!
//! Linux takes the maps through the thread that a directory of `/proc` stands
//! for. A first thread that has ended has none while the others run on: their
//! files, `/proc/<pid>/task/<tid>/maps`, still show the maps that all share.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rustix::fs::{Dir, Mode, OFlags};

use crate::linux::procfs::{self, NO_SUCH_PROCESS, process_file};

/// A maps file, open. To be shared between threads.
#[derive(Debug)]
pub(super) struct MapsFile {
    file: File,
    /// The directory `/proc/<pid>`, kept where the first thread had ended.
    leader: Option<OwnedFd>,
    /// Whether there was an address space when the file was opened.
    had_maps: bool,
    /// The process that opened the file, this one.
    opener: u32,
    /// Held while the text is read: an open file has one position. Holds another
    /// thread's file once the thread has ended that the first one belongs to.
    other_file: Mutex<Option<File>>,
}

impl MapsFile {
    /// Opens the maps of a process, or of a thread that lives on where the first
    /// one has ended. A kernel thread and a zombie have none.
    pub(super) fn open(pid: i32) -> io::Result<Self> {
        let file = procfs::open(&process_file(pid, "maps"))?;
        let mut maps = Self {
            had_maps: begins(&file)?,
            file,
            leader: None,
            opener: std::process::id(),
            other_file: Mutex::new(None),
        };
        if !maps.had_maps {
            let leader = open_directory(pid)?;
            if let Some(thread) = living_thread(&leader)? {
                maps.file = thread.maps;
                maps.leader = Some(leader);
                maps.had_maps = true;
            }
        }
        Ok(maps)
    }

    /// The open file, for questions that leave its position alone.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Whether there was an address space when the file was opened.
    pub(super) fn had_maps(&self) -> bool {
        self.had_maps
    }

    /// All maps, as the kernel lists them now.
    ///
    /// # Errors
    ///
    /// What the system says; ESRCH once the address space is gone, if only by the
    /// end of the listing, which may then be cut short.
    pub(super) fn text(&self) -> io::Result<Vec<u8>> {
        self.ask_living(|file| self.text_of(file))
    }

    /// Another file that tells of the maps, as [`read`] gives it.
    ///
    /// It is opened by the number of the process. That still stands for the same
    /// process if the maps are there afterwards: they are shown for as long as the
    /// process is known to the kernel (`m_start` in `fs/proc/task_mmu.c`), and its
    /// number is not given away before.
    ///
    /// # Errors
    ///
    /// What the system says; ESRCH once the address space is gone.
    pub(super) fn read_beside(&self, pid: i32, name: &str) -> io::Result<Vec<u8>> {
        let result = read(pid, name);
        self.ask_living(|file| match begins(file)? {
            is_there if is_there == self.had_maps => Ok(()),
            _ => Err(gone()),
        })?;
        result
    }

    /// Puts a question to the open file, or to that of a living thread where the
    /// one it belongs to has ended.
    fn ask_living<T>(&self, question: impl Fn(&File) -> io::Result<T>) -> io::Result<T> {
        if self.opener != std::process::id() {
            // A fork shares the position, and nothing could guard it.
            let reason = "opened before a fork: only the parent can read it";
            return Err(io::Error::other(reason));
        }
        let mut other = self
            .other_file
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        loop {
            let file = other.as_ref().unwrap_or(&self.file);
            match (question(file), &self.leader) {
                (Err(error), Some(leader)) if is_gone(&error) => {
                    *other = Some(another_thread(leader)?.maps);
                }
                (result, _) => return result,
            }
        }
    }

    fn text_of(&self, mut file: &File) -> io::Result<Vec<u8>> {
        file.seek(SeekFrom::Start(0))?;
        match text_if_whole(file, "maps")? {
            Some(text) if !(self.had_maps && text.is_empty()) => Ok(text),
            _ => Err(gone()),
        }
    }

    /// The number of a living thread whose directory in `/proc` shows the files
    /// of the process; `None` where it is the process's own, that of its pid.
    ///
    /// # Errors
    ///
    /// What the system says; ESRCH where no thread is left.
    pub(super) fn thread(&self) -> io::Result<Option<i32>> {
        let thread = self.leader.as_ref().map(another_thread).transpose()?;
        Ok(thread.map(|thread| thread.id))
    }
}

/// A file that tells of the maps of a process (`maps`, `smaps`, `smaps_rollup`),
/// as it is now: of a living thread where the first one has ended, and never cut
/// short by a change of address space. A process without maps has an empty one.
///
/// # Errors
///
/// What the system says: ESRCH also from `smaps_rollup` without maps.
pub(super) fn read(pid: i32, name: &str) -> io::Result<Vec<u8>> {
    loop {
        let result = text_if_whole(&procfs::open(&process_file(pid, name))?, name);
        match result {
            Ok(Some(text)) if !text.is_empty() => return Ok(text),
            Ok(None) => continue,
            Err(error) if !is_gone(&error) => return Err(error),
            _ => {}
        }
        let leader = open_directory(pid)?;
        let Some(thread) = living_thread(&leader)? else {
            return result.map(Option::unwrap_or_default);
        };
        let path = format!("task/{}/{name}", thread.id);
        let file = rustix::fs::openat(&leader, path, FLAGS, Mode::empty())?;
        match text_if_whole(&file.into(), name) {
            Ok(Some(text)) if !text.is_empty() => return Ok(text),
            Err(error) if !is_gone(&error) => return Err(error),
            // The thread has ended meanwhile.
            _ => {}
        }
    }
}

/// What a file holds; `None` where the address space went before its end.
fn text_if_whole(file: &File, name: &str) -> io::Result<Option<Vec<u8>>> {
    let mut text = Vec::new();
    procfs::read_to_end(file, &mut text)?;
    // A rollup is made at once, and takes as long as all the maps.
    let is_whole = text.is_empty() || name == "smaps_rollup" || begins(file)?;
    Ok(is_whole.then_some(text))
}

/// The error for an address space that is gone.
fn gone() -> io::Error {
    io::Error::from_raw_os_error(NO_SUCH_PROCESS)
}

fn is_gone(error: &io::Error) -> bool {
    error.raw_os_error() == Some(NO_SUCH_PROCESS)
}

/// Whether a maps file shows anything: one read from its start, which takes the
/// kernel to print no more than the first line.
fn begins(file: &File) -> io::Result<bool> {
    Ok(rustix::io::pread(file, &mut [0; 1], 0)? > 0)
}

/// A thread that has maps.
struct Thread {
    id: i32,
    maps: File,
}

const FLAGS: OFlags = OFlags::CLOEXEC.union(OFlags::RDONLY);

fn open_directory(pid: i32) -> io::Result<OwnedFd> {
    let path = format!("/proc/{pid}");
    let flags = FLAGS | OFlags::DIRECTORY;
    Ok(rustix::fs::open(Path::new(&path), flags, Mode::empty())?)
}

/// The first thread of the process that has maps.
fn living_thread(process: &OwnedFd) -> io::Result<Option<Thread>> {
    let flags = FLAGS | OFlags::DIRECTORY;
    let threads = rustix::fs::openat(process, "task", flags, Mode::empty())?;
    for entry in Dir::read_from(&threads)? {
        let entry = entry?;
        let Some(id) = entry
            .file_name()
            .to_str()
            .ok()
            .and_then(|id| id.parse().ok())
        else {
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

fn maps_of_thread(threads: &OwnedFd, id: i32) -> io::Result<Option<File>> {
    loop {
        let maps = rustix::fs::openat(threads, format!("{id}/maps"), FLAGS, Mode::empty())?;
        let maps = File::from(maps);
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
    let statm = rustix::fs::openat(threads, format!("{id}/statm"), FLAGS, Mode::empty())?;
    let mut first = [0; 2];
    let size = rustix::io::pread(File::from(statm), &mut first, 0)?;
    Ok(size > 0 && first != *b"0 ")
}

/// Another thread of a process whose first one has ended.
///
/// Its maps are those of the threads before: had one of them executed another
/// program, it would have taken the place of the first thread (`de_thread` in
/// `fs/exec.c`), which would show maps again.
fn another_thread(leader: &OwnedFd) -> io::Result<Thread> {
    let find = || {
        let thread = living_thread(leader)?;
        let maps = rustix::fs::openat(leader, "maps", FLAGS, Mode::empty())?;
        let is_other_program = begins(&File::from(maps))?;
        Ok(thread.filter(|_| !is_other_program))
    };
    match find() {
        Ok(thread) => thread.ok_or_else(gone),
        Err(error) if procfs::is_no_such_process(&error) => Err(gone()),
        Err(error) => Err(error),
    }
}
