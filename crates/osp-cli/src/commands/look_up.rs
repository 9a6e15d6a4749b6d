//! Keys of `did:web` artists, fetched when a sealed file names one. No home is opened for it.

use crate::{
    args::Global,
    error::{CliError, Exit},
    licence,
};
use osp_fetch::{DidWebError, DidWebResolver, Fetcher, Policy};
use osp_node::sealed::signing;
use osp_node::sealed::{AnyFile, InspectError, web::WebFile};
use std::path::Path;
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

/// A sealed file by its path, `-`, or address. Of an address the key that its fragment brings is given as well.
pub(super) fn open(global: &Global, file: &Path) -> Result<(AnyFile, Option<licence::Link>), CliError> {
    let look_up = look_up(global);
    let text = file.to_str().filter(|text| text.starts_with("http://") || text.starts_with("https://"));
    let Some(text) = text else { return Ok((block_in_place(|| AnyFile::open(file, &look_up))?, None)) };
    let (address, link) = licence::link(text);
    let fetcher = licence::fetcher(global)?;
    let opened = block_in_place(|| {
        let web = WebFile::open(fetcher, address, Handle::current()).map_err(|e| unread(address, &e))?;
        AnyFile::read(Path::new(address), web, &look_up).map_err(|e| match e {
            InspectError::Input { source, .. } => unread(address, &source),
            other => other.into(),
        })
    });
    Ok((opened?, link))
}

fn unread(address: &str, error: &std::io::Error) -> CliError {
    let class = if error.kind() == std::io::ErrorKind::NotFound { "not-found" } else { "unreachable" };
    CliError::new(Exit::NotFound, class, format!("cannot read {address}: {error}"))
        .hint("check the address, or save the file and name it here")
}
