//! `make fuzz` runs it; the check is [`procmaps_fuzz::elf`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| procmaps_fuzz::elf::check(data));
