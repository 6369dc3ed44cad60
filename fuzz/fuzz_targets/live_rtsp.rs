//! An RTSP connection's bytes, and a session description.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| truceline_live::fuzz::rtsp(bytes));
