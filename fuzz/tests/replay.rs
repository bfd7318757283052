//! The checks of the fuzzers without a fuzzer: over the seeds and their mutations.

use procmaps_fuzz::{
    address_space, core_file, elf, freebsd, maps, maps_differential, seeds, smaps,
};

type Check = fn(&[u8]);

/// Each check, and the longest seed that it takes in all its variations.
const CHECKS: [(&str, Check, usize); 7] = [
    ("address_space", address_space::check, 50),
    ("core_file", core_file::check, 1300),
    ("elf", elf::check, 800),
    ("freebsd", freebsd::check, 120),
    ("maps", maps::check, 300),
    ("maps_differential", maps_differential::check, 300),
    ("smaps", smaps::check, 300),
];

/// Bytes that mean something to some grammar here.
const TELLING: &[u8] = b"\0\t\n\r -/:0129:AFafgprswx[]\\\x7f\x80\xff";

#[test]
fn seeds_and_former_crashes_pass() {
    for (name, check, _) in CHECKS {
        let seeds = seeds::of(name);
        assert!(seeds.len() > 60, "{name}: {}", seeds.len());
        for seed in seeds {
            check(&seed);
        }
    }
}

#[test]
fn seeds_with_one_byte_changed_removed_or_added_pass() {
    for (name, check, longest) in CHECKS {
        for seed in seeds::of(name).iter().filter(|seed| seed.len() < longest) {
            for place in 0..seed.len() {
                let (before, after) = (&seed[..place], &seed[place + 1..]);
                check(&[before, after].concat());
                for &byte in TELLING {
                    check(&[before, &[byte], after].concat());
                    check(&[before, &[byte], &seed[place..]].concat());
                }
            }
        }
    }
}
