//! The system call kcmp(2): whether two processes have the same address space.

#![allow(unsafe_code)]

use std::io;

/// `KCMP_VM` of the kernel's `include/uapi/linux/kcmp.h`.
const KCMP_VM: libc::c_int = 1;

/// Whether two processes have the same address space, both named by their numbers in
/// the pid namespace of this process.
///
/// # Errors
///
/// ENOSYS or EPERM where the kernel or a sandbox compares nothing, EPERM also without
/// the rights of ptrace(2), ESRCH where one of them is not there.
pub(super) fn have_same_memory(first: i32, second: i32) -> io::Result<bool> {
    let none: libc::c_ulong = 0;
    // SAFETY: the call takes five numbers and touches no memory of this process.
    let order = unsafe { libc::syscall(libc::SYS_kcmp, first, second, KCMP_VM, none, none) };
    match order {
        0 => Ok(true),
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_its_own_memory() {
        let own = i32::try_from(std::process::id()).unwrap();
        let Ok(is_same) = have_same_memory(own, own) else {
            return; // in a sandbox
        };
        assert!(is_same);
        let parent = i32::try_from(std::os::unix::process::parent_id()).unwrap();
        if let Ok(is_same) = have_same_memory(own, parent) {
            assert!(!is_same);
        }
        assert!(have_same_memory(own, -1).is_err());
    }
}
