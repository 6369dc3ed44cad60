//! truceline
fn main() {}
