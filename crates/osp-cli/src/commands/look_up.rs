//! Keys of `did:web` artists, fetched when a sealed file names one. No home is opened for it.

use crate::args::Global;
use osp_fetch::{DidWebError, DidWebResolver, Fetcher, Policy};
use osp_node::sealed::signing;
use tokio::{runtime::Handle, task::block_in_place};

/// What sealed files are opened with; it asks the network only for a `did:web`.
pub(super) fn look_up(
    global: &Global,
) -> impl Fn(&[u8]) -> Result<(), DidWebError> + Clone + Send + Sync + use<> {
    let allowed = super::allow_private(global).unwrap_or(false);
    move |head| {
        let fetcher = Fetcher::new(&Policy { allow_private: allowed, extra_ca: None });
        let dids = fetcher
            .map(DidWebResolver::new)
            .map_err(|e| DidWebError::Unreachable { did: "the artist".to_owned(), reason: e.to_string() })?;
        block_in_place(|| Handle::current().block_on(signing::look_up(&dids, head)))
    }
}
