//! Placeholder until the writer is here.
fn main() {}
