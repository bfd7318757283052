//! What the two-letter codes of the `VmFlags` field say.
//!
//! The codes are those of `show_smap_vma_flags` in the kernel's
//! `fs/proc/task_mmu.c`, described in `Documentation/filesystems/proc.rst`;
//! `dw`, `nl` and `mp` were printed by older kernels only.

/// Codes in the order in which the kernel prints them, with their meanings.
const MEANINGS: [(&str, &str); 43] = [
    ("rd", "readable"),
    ("wr", "writable"),
    ("ex", "executable"),
    ("sh", "shared"),
    ("mr", "may be made readable"),
    ("mw", "may be made writable"),
    ("me", "may be made executable"),
    ("ms", "may be shared"),
    ("gd", "stack that grows down"),
    ("pf", "page frames without memory management"),
    ("gu", "may contain guard regions"),
    ("dw", "writing to the mapped file is denied"),
    ("lo", "locked in memory"),
    ("io", "memory of an I/O device"),
    ("sr", "sequential reading advised"),
    ("rr", "random reading advised"),
    ("dc", "not copied on fork"),
    ("de", "can't be expanded by remapping"),
    ("lf", "locked in memory page by page on first access"),
    ("ac", "counted towards committed memory"),
    ("nr", "no swap space reserved"),
    ("ht", "huge pages of hugetlbfs"),
    ("sf", "page faults are synchronous (DAX)"),
    ("nl", "non-linear mapping"),
    ("ar", "specific to the architecture"),
    ("wf", "wiped on fork"),
    ("dd", "left out of core dumps"),
    ("bt", "guarded by arm64 branch target identification"),
    ("sd", "written to since soft-dirty bits were cleared"),
    ("mm", "page frames with and without memory management"),
    ("hg", "transparent huge pages advised"),
    ("nh", "transparent huge pages advised against"),
    ("mg", "may be merged with pages of the same content (KSM)"),
    ("um", "userfaultfd tracks missing pages"),
    ("uw", "userfaultfd tracks writing"),
    ("mt", "arm64 memory tagging (MTE)"),
    ("ui", "userfaultfd tracks minor faults"),
    ("ur", "userfaultfd tracks reading and writing"),
    ("ss", "shadow stack"),
    ("dp", "may be dropped under memory pressure"),
    ("sl", "sealed against changes (mseal)"),
    ("mp", "Intel memory protection extensions (MPX)"),
    ("??", "a flag that the kernel has no code for"),
];

/// The codes of a `VmFlags` field.
pub fn codes(flags: &[u8]) -> impl Iterator<Item = &[u8]> {
    flags
        .split(|byte| matches!(byte, b' ' | b'\t'))
        .filter(|code| !code.is_empty())
}

/// All codes that have a known meaning, in the kernel's order.
pub fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    MEANINGS.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_between_blanks() {
        let split = |flags: &'static str| codes(flags.as_bytes()).collect::<Vec<_>>();
        assert_eq!(split("rd mr  mw\tme "), [b"rd", b"mr", b"mw", b"me"]);
        assert!(split("").is_empty());
        assert!(split(" ").is_empty());
    }

    #[test]
    fn a_code_has_two_letters_and_one_meaning() {
        let codes: std::collections::HashSet<_> = known().map(|(code, _)| code).collect();
        assert_eq!(codes.len(), MEANINGS.len());
        assert!(codes.iter().all(|code| code.len() == 2));
    }
}
