//! A mount of procfs, and where the files of a process lie in it.

use std::io;
use std::path::{Path, PathBuf};

/// Whether an error from a process's file means that there is no such process:
/// ENOENT when it is opened, ESRCH when it is read.
pub fn is_no_such_process(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(NO_SUCH_PROCESS)
}

/// ESRCH, which has this number on every architecture of Linux.
pub const NO_SUCH_PROCESS: i32 = 3;

/// A mount of procfs: that of this machine, or another one, such as the host's
/// that a container sees.
#[derive(Clone, Debug)]
pub struct ProcRoot(PathBuf);

impl Default for ProcRoot {
    /// `/proc`.
    fn default() -> Self {
        Self("/proc".into())
    }
}

impl ProcRoot {
    /// The mount at a path, which is made absolute: the working directory can
    /// change.
    ///
    /// # Errors
    ///
    /// What the system says of the working directory; an error without a number
    /// for an empty path and one with a NUL, at which a path ends for the system.
    pub fn new(path: &Path) -> io::Result<Self> {
        if path.as_os_str().as_encoded_bytes().contains(&0) {
            let reason = "nul byte in the path";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        std::path::absolute(path).map(Self)
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Finds out whether procfs is mounted here, judged by the link `self`, which
    /// leads nowhere where this process has no number in the mount's namespace.
    ///
    /// # Errors
    ///
    /// What the system says of the path itself; `ErrorKind::NotFound` without a
    /// number for another directory.
    pub fn check(&self) -> io::Result<()> {
        self.0.metadata()?;
        if self.0.join("self").symlink_metadata().is_ok() {
            return Ok(());
        }
        let reason = "Not a mount of procfs";
        Err(io::Error::new(io::ErrorKind::NotFound, reason))
    }

    /// The directory of the thread that asks: in the process that it belongs to
    /// the first one may have ended. Where this mount does not show it, being that
    /// of a namespace below, `/proc` does.
    pub fn own_thread(&self) -> PathBuf {
        let own = self.0.join("thread-self");
        if own.exists() {
            own
        } else {
            Self::default().0.join("thread-self")
        }
    }

    /// The numbers of all processes, in their order.
    ///
    /// # Errors
    ///
    /// As [`ProcRoot::check`].
    #[cfg(target_os = "linux")]
    pub fn pids(&self) -> io::Result<Vec<i32>> {
        self.check()?;
        let mut pids = Vec::new();
        for entry in self.0.read_dir()? {
            let pid = entry?
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            if let Some(pid) = pid {
                pids.try_reserve(1)?;
                pids.push(pid);
            }
        }
        pids.sort_unstable();
        Ok(pids)
    }

    /// The numbers of all processes: there are none to be had.
    ///
    /// # Errors
    ///
    /// Always.
    #[cfg(not(target_os = "linux"))]
    pub fn pids(&self) -> io::Result<Vec<i32>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// A process, named by its number in a mount of procfs: whoever has that.
#[derive(Clone, Debug)]
pub struct ProcessPath {
    root: ProcRoot,
    pid: i32,
}

impl ProcessPath {
    /// The process that has the number there.
    pub fn new(root: ProcRoot, pid: i32) -> Self {
        Self { root, pid }
    }

    /// The mount.
    pub fn root(&self) -> &ProcRoot {
        &self.root
    }

    /// The number.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Its directory.
    pub fn directory(&self) -> PathBuf {
        self.root.path().join(self.pid.to_string())
    }

    /// A file in its directory, such as `maps`.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory().join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linux::reading::Reading;

    #[test]
    fn no_process_has_pid_zero() {
        let path = ProcessPath::new(ProcRoot::default(), 0).file("maps");
        assert_eq!(path, Path::new("/proc/0/maps"));
        let error = Reading::default().run(&path).unwrap_err();
        assert!(is_no_such_process(&error));
    }

    #[test]
    fn this_process_is_among_all() {
        let root = ProcRoot::default();
        let pids = root.pids().unwrap();
        let pid = i32::try_from(std::process::id()).unwrap();
        assert!(pids.contains(&pid));
        assert!(pids.is_sorted());
        assert!(pids.iter().all(|&pid| pid > 0));
    }

    #[test]
    fn another_directory_is_no_procfs() {
        for path in ["/", "/proc/1", "/proc/self", "src"] {
            let error = ProcRoot::new(Path::new(path)).unwrap().pids().unwrap_err();
            assert_eq!(error.to_string(), "Not a mount of procfs", "{path}");
            assert_eq!(error.raw_os_error(), None);
        }
    }

    #[test]
    fn a_path_that_is_not_there_is_missing() {
        let root = ProcRoot::new(Path::new("absent")).unwrap();
        assert!(root.path().is_absolute());
        assert_eq!(root.pids().unwrap_err().raw_os_error(), Some(2));
        for path in ["", "a\0b"] {
            let error = ProcRoot::new(Path::new(path)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn a_process_is_gone_with_two_errors() {
        for (number, is_gone) in [(1, false), (2, true), (3, true), (13, false)] {
            let error = io::Error::from_raw_os_error(number);
            assert_eq!(is_no_such_process(&error), is_gone, "{error}");
        }
        assert!(!is_no_such_process(&io::ErrorKind::InvalidData.into()));
    }

    #[test]
    fn a_process_has_a_number_in_a_mount() {
        let path = ProcessPath::new(ProcRoot::new(Path::new("/a")).unwrap(), 7);
        assert_eq!(path.root().path(), Path::new("/a"));
        assert_eq!(path.pid(), 7);
        assert_eq!(path.file("maps"), Path::new("/a/7/maps"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn processes_are_what_has_a_number_for_its_name() {
        let folder = crate::linux::stage::Folder::new("pids");
        for name in ["self", "10/maps", "9/maps", "cpuinfo", "1a"] {
            folder.write(name, "");
        }
        let root = ProcRoot::new(folder.path()).unwrap();
        assert_eq!(root.pids().unwrap(), [9, 10]);
        root.check().unwrap();
        // This thread is shown elsewhere, unless it is shown there.
        let elsewhere = Path::new("/proc/thread-self");
        assert_eq!(root.own_thread(), elsewhere);
        folder.write("thread-self", "");
        assert_eq!(root.own_thread(), folder.path().join("thread-self"));
    }
}
