//! Ground observers' reports.

#![no_main]

use libfuzzer_sys::fuzz_target;
use truceline_fuzz::hold;
use truceline_intake::Format;

fuzz_target!(|input: (u8, &[u8])| hold(Format::Report, input.1, input.0));
