//! Access units through muxer and demuxer come out as they went in; any bytes as a recording to be played.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| truceline_live::fuzz::mux(bytes));
