//! Any bytes as an OwnTracks message, and as two texts that are compared clause by clause.

#![no_main]

use libfuzzer_sys::fuzz_target;
use truceline_mandate::mobility::owntracks::{self, Message};
use truceline_mandate::talks::redline::{amended, redline};

fuzz_target!(|data: &[u8]| {
    if let Ok(Message::Location(fix)) = owntracks::read(data) {
        assert!(!fix.subject.is_empty());
        assert!(fix.sd_m.is_none_or(|sd| sd.is_finite() && sd > 0.0));
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (before, after) = text.split_once('\0').unwrap_or((text, ""));
    for difference in redline(before, after) {
        assert_ne!(difference.before, difference.after);
    }
    let draft = amended(before, &std::collections::BTreeMap::new());
    // What was drafted without a change differs in nothing; a lone carriage return at the end becomes a
    // line's end.
    assert!(before.contains('\r') || redline(before, &draft).is_empty());
});
