//! Pictures and playable media out of the recorded bytes of video feeds.

pub mod decode;
pub mod synthetic;
