//! MISB KLV.

pub mod ber;
pub mod builder;
pub mod carriage;
pub mod checksum;
pub mod error;
pub mod format;
pub mod imap;
#[cfg(feature = "json")]
pub mod json;
pub mod key;
pub mod pack;
pub mod set;
pub mod st0102;
pub mod st0601;
pub mod st0603;
pub mod st0604;
pub mod st0806;
pub mod st0903;
pub mod st1010;
pub mod st1204;
pub mod stream;
pub mod value;

pub use builder::SetBuilder;
pub use checksum::Checksum;
pub use error::{Error, Fault};
pub use imap::{Imap, ImapSpecial};
pub use key::Key;
pub use pack::Pack;
pub use set::{Item, LocalSet};
pub use value::{Reading, Special, SpecialKind, Value};
