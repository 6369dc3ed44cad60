//! What a container's reader is.

use super::outlet::Outlet;
use super::window::Window;

/// Reads one container's records from a window over the feed.
pub(super) trait Container: Send {
    /// Reads all that can be told from the bytes so far, and no more: what needs bytes still to
    /// come stays in the window. When the feed has `ended`, nothing stays.
    fn read(&mut self, window: &mut Window, ended: bool, outlet: &mut Outlet<'_, '_>);
}
