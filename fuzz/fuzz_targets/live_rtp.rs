//! RTP packets: put in order, then assembled to access units.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| truceline_live::fuzz::rtp(bytes));
