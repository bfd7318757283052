//! `make fuzz` runs it; the check is [`procmaps_fuzz::freebsd`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| procmaps_fuzz::freebsd::check(data));
