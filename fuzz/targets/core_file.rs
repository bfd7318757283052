//! `make fuzz` runs it; the check is [`procmaps_fuzz::core_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| procmaps_fuzz::core_file::check(data));
