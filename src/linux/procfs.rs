//! A mount of procfs, and where the files of a process lie in it.

use std::io;
use std::path::{Path, PathBuf};

/// A file in a process's directory, such as `maps`.
pub fn process_file(pid: i32, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/{name}"))
}

/// Whether an error from a process's file means that there is no such process:
/// ENOENT when it is opened, ESRCH when it is read.
pub fn is_no_such_process(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound && Path::new("/proc/self").exists()
        || error.raw_os_error() == Some(NO_SUCH_PROCESS)
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
    /// for an empty path.
    pub fn new(path: &Path) -> io::Result<Self> {
        std::path::absolute(path).map(Self)
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Finds out whether procfs is mounted here, judged by the link `self`, which
    /// is there even where this process has no number in the mount's namespace.
    ///
    /// # Errors
    ///
    /// What the system says of the path itself; `ErrorKind::NotFound` without a
    /// number for another directory.
    pub fn check(&self) -> io::Result<()> {
        self.0.metadata()?;
        let link = self.0.join("self").symlink_metadata();
        if link.is_ok_and(|link| link.is_symlink()) {
            return Ok(());
        }
        let reason = "Not a mount of procfs";
        Err(io::Error::new(io::ErrorKind::NotFound, reason))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linux::reading::Reading;

    #[test]
    fn no_process_has_pid_zero() {
        let error = Reading::default()
            .run(&process_file(0, "maps"))
            .unwrap_err();
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
        let error = ProcRoot::new(Path::new("")).unwrap_err();
        assert_eq!(error.raw_os_error(), None);
    }
}
