//! Whether a process has its address space from its parent.
//!
//! The child of vfork(2), which `posix_spawn(3)` makes too, runs in its parent's
//! address space until it executes a program or ends. What is held open then lives on
//! in the parent, so that it can't tell by its end whether the child still has it.
//! Such a child is asked for at each question, others never.
//!
//! A process that has executed a program since it was made has its own. Of others two
//! address spaces are told apart by where the kernel laid out their program,
//! stack and heap, which `/proc/<pid>/stat` shows and execve(2) draws anew (see
//! proc(5)). The child of fork(2) has a copy, laid out alike: it takes kcmp(2) to tell
//! it from one of vfork(2), which a sandbox may refuse; then it is asked for at each
//! question as well.
//!
//! The parent alone is looked at. What else shares an address space, by clone(2) with
//! `CLONE_VM`, can keep alive what a process had before execve(2): text that differs
//! is noticed then, and a question to the kernel is answered about the old one.

use std::io;

use crate::linux::kcmp::have_same_memory;
use crate::linux::threads::Directory;

/// Where an address space begins and ends its code, its data, its stack and its heap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Layout([u64; 6]);

/// The numbers of these in `stat`, counted from the state of the process, which is
/// the third (`do_task_stat` in `fs/proc/array.c`): `startcode`, `endcode`,
/// `startstack`, `start_data`, `end_data`, `start_brk`.
const LAYOUT: [usize; 6] = [23, 24, 25, 42, 43, 44];

/// Likewise: the number of the parent.
const PARENT: usize = 1;

/// Likewise: `PF_` flags of the kernel's `include/linux/sched.h`.
const FLAGS: usize = 6;

/// The flag of a process that has executed no program since it was made.
const PF_FORKNOEXEC: u64 = 0x40;

/// What `stat` says of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    pid: i32,
    parent: i32,
    has_executed: bool,
    layout: Layout,
}

/// A process whose address space can be that of its parent.
#[derive(Debug)]
pub(super) struct Sharing(Stat);

impl Sharing {
    /// A process as it is now; `None` where it has an address space of its own, or
    /// none.
    pub(super) fn of(directory: &Directory) -> Option<Self> {
        let stat = Stat::read(directory, "stat").ok().flatten()?;
        let can_share = !stat.has_executed
            && stat.layout != Layout::default()
            && stat.parent_has_layout(directory)
            && stat.is_parents(directory) != Some(false);
        can_share.then_some(Self(stat))
    }

    /// Whether the process still has that address space.
    pub(super) fn goes_on(&self, directory: &Directory) -> bool {
        let has_layout = || {
            let now = Stat::read(directory, "stat");
            now.is_ok_and(|now| now.is_some_and(|now| now.layout == self.0.layout))
        };
        match self.0.is_parents(directory) {
            Some(true) => true,
            // Either the process has executed a program or its parent has.
            Some(false) => has_layout() && !self.0.parent_has_layout(directory),
            None => has_layout(),
        }
    }
}

impl Stat {
    fn read(directory: &Directory, path: &str) -> io::Result<Option<Self>> {
        // Long enough for every number, and for a command's 64 bytes at most.
        let mut text = [0; 1536];
        let size = rustix::io::pread(directory.file(path)?, &mut text, 0)?;
        Ok(Self::parse(text.get(..size).unwrap_or_default()))
    }

    /// The command's name, in parentheses, can hold anything.
    fn parse(text: &[u8]) -> Option<Self> {
        let end = memchr::memrchr(b')', text)?;
        let (before, after) = text.split_at_checked(end)?;
        let pid = std::str::from_utf8(before).ok()?.split(' ').next()?;
        let after = std::str::from_utf8(after.get(2..)?).ok()?;
        let fields: Vec<&str> = after.split_ascii_whitespace().take(45).collect();
        let mut layout = [0; 6];
        for (value, number) in layout.iter_mut().zip(LAYOUT) {
            *value = fields.get(number)?.parse().ok()?;
        }
        let flags: u64 = fields.get(FLAGS)?.parse().ok()?;
        Some(Self {
            pid: pid.parse().ok()?,
            has_executed: flags & PF_FORKNOEXEC == 0,
            parent: fields.get(PARENT)?.parse().ok()?,
            layout: Layout(layout),
        })
    }

    fn parent_has_layout(&self, directory: &Directory) -> bool {
        let parent = Self::read(directory, &format!("../{}/stat", self.parent));
        parent.is_ok_and(|parent| parent.is_some_and(|parent| parent.layout == self.layout))
    }

    /// Whether the parent has the same address space; `None` where that is not said.
    fn is_parents(&self, directory: &Directory) -> Option<bool> {
        if !is_of_own_namespace(directory).unwrap_or(false) {
            return None;
        }
        have_same_memory(self.pid, self.parent).ok()
    }
}

/// Whether procfs shows the numbers that this process knows others by: then it has one
/// number alone, from the mount's namespace down to its own.
fn is_of_own_namespace(directory: &Directory) -> io::Result<bool> {
    let mut text = [0; 4096];
    let status = directory.file("../thread-self/status")?;
    let size = rustix::io::pread(status, &mut text, 0)?;
    let text = text.get(..size).unwrap_or_default();
    let numbers = text
        .split(|&byte| byte == b'\n')
        .find_map(|line| line.strip_prefix(b"NSpid:"));
    let count = numbers.map(|numbers| {
        let numbers = numbers.split(u8::is_ascii_whitespace);
        numbers.filter(|number| !number.is_empty()).count()
    });
    Ok(count == Some(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linux::procfs::{ProcRoot, ProcessPath};
    use crate::linux::stage::{Child, Folder, own_pid, stat};

    extern "C" fn wait(_: *mut libc::c_void) -> libc::c_int {
        loop {
            // SAFETY: the call touches no memory.
            #[allow(unsafe_code)]
            unsafe {
                libc::pause()
            };
        }
    }

    #[test]
    #[allow(unsafe_code)]
    fn a_child_in_this_address_space_is_told_from_one_with_a_copy() {
        let own = i32::try_from(std::process::id()).unwrap();
        let can_compare = have_same_memory(own, own).is_ok();
        for (flags, shares) in [(libc::CLONE_VM, true), (0, false)] {
            let mut stack = vec![0_u128; 4096];
            let top = stack.as_mut_ptr_range().end;
            let flags = flags | libc::SIGCHLD;
            // SAFETY: the child has a stack of its own, which outlives it, and waits.
            let pid = unsafe { libc::clone(wait, top.cast(), flags, std::ptr::null_mut()) };
            let path = ProcessPath::new(ProcRoot::default(), pid);
            let directory = Directory::open(&path).unwrap();
            let sharing = Sharing::of(&directory);
            assert_eq!(sharing.is_some(), shares || !can_compare);
            assert!(sharing.as_ref().is_none_or(|it| it.goes_on(&directory)));
            // SAFETY: the calls touch no memory of this process.
            unsafe {
                libc::kill(pid, libc::SIGKILL);
                libc::waitpid(pid, std::ptr::null_mut(), 0);
            }
            assert!(sharing.is_none_or(|it| !it.goes_on(&directory)));
        }
        let path = ProcessPath::new(ProcRoot::default(), own);
        assert!(Sharing::of(&Directory::open(&path).unwrap()).is_none());
    }

    #[test]
    fn stat_is_read_behind_the_last_parenthesis() {
        let numbers: Vec<String> = (3..=52).map(|number| number.to_string()).collect();
        let text = format!("7 (a) S) {}\n", numbers.join(" "));
        let stat = Stat {
            pid: 7,
            parent: 4,
            has_executed: true,
            layout: Layout([26, 27, 28, 45, 46, 47]),
        };
        assert_eq!(Stat::parse(text.as_bytes()), Some(stat));
        let text = text.replace(" 9 ", " 73 ");
        assert!(!Stat::parse(text.as_bytes()).unwrap().has_executed);
        assert_eq!(Stat::parse(b"7 (a) S 1 2"), None);
        assert_eq!(Stat::parse(b""), None);
    }

    #[test]
    fn a_number_in_one_namespace_alone_is_its_own() {
        let folder = Folder::new("namespaces");
        folder.write("7/stat", "");
        let directory = Directory::open(&folder.process(7)).unwrap();
        assert!(is_of_own_namespace(&directory).is_err());
        for (status, is_own) in [
            ("Name:\ta\nNSpid:\t7\nNSpgid:\t7\n", true),
            ("Name:\ta\nNSpid:\t7\t3\nNSpgid:\t7\n", false),
            ("Name:\ta\nPid:\t7\n", false),
        ] {
            folder.write("thread-self/status", status);
            assert_eq!(is_of_own_namespace(&directory).unwrap(), is_own);
        }
    }

    #[test]
    fn a_child_goes_on_as_it_is_laid_out() {
        let child = Child::start();
        let folder = Folder::new("laid-out");
        let directory = |pid: i32, place| {
            folder.write(&format!("{pid}/stat"), stat(pid, place));
            Directory::open(&folder.process(pid)).unwrap()
        };
        let parent = directory(5, 1);
        let alike = Stat::read(&directory(7, 1), "stat").unwrap().unwrap();
        assert_eq!(alike.layout, Layout([1, 2, 3, 4, 5, 6]));
        // What shows no numbers of this process can't be compared: layouts tell.
        assert!(alike.parent_has_layout(&parent));
        assert!(Sharing(alike).goes_on(&directory(7, 1)));
        assert!(!Sharing(alike).goes_on(&directory(7, 9)));
        directory(5, 8);
        assert!(!alike.parent_has_layout(&parent));
        assert!(Sharing::of(&directory(7, 1)).is_none());
        // Where the kernel says that there are two address spaces, either the child
        // has executed a program or its parent has.
        folder.write("thread-self/status", "NSpid:\t1\n");
        let (pid, own) = (child.pid(), own_pid());
        if have_same_memory(pid, own).is_err() {
            return; // in a sandbox
        }
        let apart = Stat {
            pid,
            parent: own,
            ..alike
        };
        for (place, of_parent, goes_on) in
            [(1, 1, false), (1, 8, true), (9, 1, false), (9, 8, false)]
        {
            directory(own, of_parent);
            let directory = directory(pid, place);
            assert_eq!(Sharing(apart).goes_on(&directory), goes_on);
        }
    }
}
