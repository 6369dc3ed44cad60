//! klv
