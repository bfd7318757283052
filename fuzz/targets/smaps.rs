//! `make fuzz` runs it; the check is [`procmaps_fuzz::smaps`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| procmaps_fuzz::smaps::check(data));
