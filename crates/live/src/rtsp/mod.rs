//! RTSP 1.0 (RFC 2326): cameras and media servers as sources (`client`), and what the player needs to
//! be one (`message`, `auth`, `sdp`).

pub(crate) mod auth;
pub(crate) mod client;
pub(crate) mod message;
pub(crate) mod sdp;
