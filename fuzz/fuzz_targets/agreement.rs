//! Documents and geometry through `check`: the first byte chooses, the rest is the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use truceline_agreement::expression::Expression;
use truceline_agreement::{Documents, File};

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else {
        return;
    };
    // An expression alone gets deeper than one wrapped in a block of a document.
    if choice % 3 == 2 {
        if let Ok(source) = std::str::from_utf8(bytes)
            && let Ok(expression) = Expression::parse(source)
        {
            assert_eq!(expression.to_string(), source);
            for mention in expression.mentions() {
                assert!(mention.at <= source.len());
            }
        }
        return;
    }
    let name = if choice % 3 == 0 { "f.md" } else { "f.geojson" };
    let file = File::new(name, bytes);
    let (documents, faults) = Documents::read(&[file]);
    let lines = 1 + bytes.iter().filter(|b| **b == b'\n').count();
    for fault in &faults {
        assert!((1..=lines + 1).contains(&fault.line), "{fault}");
    }
    assert!(faults.is_sorted());
    // Errors are never silent, and reading again says the same.
    let (again, same) = Documents::read(&[file]);
    assert_eq!(faults, same);
    assert_eq!(documents, again);
    // What can be read can be asked, at every instant at which something changes.
    if let Some(theatre) = &documents.theatre {
        for at in theatre.changes().into_iter().take(8) {
            let geometry = theatre.at(at);
            for sensor in geometry.sensors.iter().take(8) {
                let distance_m = geometry.line_distance_m(sensor.position);
                assert!(distance_m.is_none_or(|d| d.is_finite() && d >= 0.0));
                let _ = geometry.holder(sensor.position);
            }
        }
    }
});
