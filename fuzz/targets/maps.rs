//! `make fuzz` runs it; the check is [`procmaps_fuzz::maps`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| procmaps_fuzz::maps::check(data));
