//! Drone telemetry in its three containers.

#![no_main]

use libfuzzer_sys::fuzz_target;
use truceline_fuzz::hold;
use truceline_intake::Format;

fuzz_target!(|input: (u8, &[u8])| hold(Format::Mavlink, input.1, input.0));
