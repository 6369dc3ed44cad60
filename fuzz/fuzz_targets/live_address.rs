//! Any text as a live source's address.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| truceline_live::fuzz::address(text));
