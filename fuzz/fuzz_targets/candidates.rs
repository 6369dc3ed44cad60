//! Any bytes as candidate places: read or refused with a reason, and the same the second time.

#![no_main]

use libfuzzer_sys::fuzz_target;
use truceline_siting::read;

fuzz_target!(|bytes: &[u8]| {
    match (read(bytes), read(bytes)) {
        (Ok(one), Ok(two)) => assert_eq!(format!("{one:?}"), format!("{two:?}")),
        (Err(one), Err(two)) => assert_eq!(one.to_string(), two.to_string()),
        _ => unreachable!("the same bytes"),
    }
});
