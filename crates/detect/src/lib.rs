//! What a duty officer would miss in video.

mod align;
mod homography;
mod plane;
