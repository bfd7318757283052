//! `Process`: a live process, held open.

mod exact;
mod methods;
mod questions;

use std::sync::{Arc, Mutex};

use pyo3::prelude::*;

use self::exact::ModuleCache;
use crate::linux::process;
use crate::linux::procfs::ProcessPath;

/// A live process, whose `/proc/<pid>/maps` is held open: every answer is about
/// the address space that the process had when it was opened, also if another
/// process gets the pid later.
///
/// find() and find_next() ask the kernel for one map (ioctl PROCMAP_QUERY, Linux
/// 6.11), which takes the same time however many maps there are; maps() asks for
/// one after the other where that costs less than the text. On an older kernel
/// they read the text, with the same answer; with query=False they always do.
/// `proc` is the mount of procfs to look in; see pids().
///
/// Once the process has ended, or executed another program, every question
/// raises ProcessLookupError. A process that has no maps when it is opened, a
/// kernel thread or a zombie, has an empty list of them. If the first thread of
/// a process has ended, a living thread is asked.
///
/// A Process is a context manager, is closed when nothing refers to it any more,
/// and can be shared by threads and with the child of a fork. After close() its
/// methods raise ValueError. Each reading of text opens a file of its own, so
/// readers don't disturb each other; it takes the same rights as opening the
/// Process.
///
/// Raises ProcessLookupError if there is no such process, PermissionError if its
/// maps may not be read (ptrace(2) access mode PTRACE_MODE_READ_FSCREDS), another
/// OSError if opening fails otherwise, all with `errno` and `filename`;
/// NotImplementedError on systems other than Linux.
///
/// Source: `/proc/<pid>/maps`, proc(5); do_procmap_query in the kernel's
/// fs/proc/task_mmu.c.
#[pyclass(frozen, module = "procmaps")]
pub(in crate::python) struct Process {
    path: ProcessPath,
    /// `None` when closed. Whoever asks keeps the files open until the answer.
    held: Mutex<Option<Arc<process::Process>>>,
    modules: ModuleCache,
}
