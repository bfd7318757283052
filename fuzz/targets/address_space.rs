//! `make fuzz` runs it; the check is [`procmaps_fuzz::address_space`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| procmaps_fuzz::address_space::check(data));
