//! Releases of SMSG 3.0, to be played: chunk by chunk as the player reads and seeks, while they come; of a cut only its chunks.

use super::{
    Keys, PlayError,
    sealed::{Part, is_music, some},
};
use crate::sealed::{
    release::{
        Keyring, ReleaseError,
        inspect::TermsReport,
        open::{front, open},
        reader::Release,
    },
    signing::{doubt, look_up, needs_look_up},
    web::licence_beside,
};
use osp_core::did::Did;
use osp_fetch::{DidWebError, DidWebResolver, Fetcher, Policy};
use osp_player::ReadSeek;
use smsg::v3::{
    Refused, header::PREFIX, key_text::LicenceKey, licence::file_name, limits::MAX_JSON, open::Expected,
};
use std::{
    io::{Read as _, Seek as _},
    path::PathBuf,
};
use tokio::runtime::Handle;

/// What is known of the file besides its bytes.
pub(super) struct Known {
    /// Bytes of it.
    pub(super) length: u64,
    /// Where it lies, so that licences beside it are found.
    pub(super) beside: Option<PathBuf>,
    /// Its address, so that licences beside it are found.
    pub(super) address: Option<(Fetcher, String)>,
    /// The artist of the record that names it.
    pub(super) artist: Option<Did>,
    /// Who asks for the documents of `did:web` artists.
    pub(super) dids: Option<DidWebResolver>,
}

/// What a listener should know of a release when it begins to play.
#[derive(Clone, Debug)]
pub struct Opening {
    /// What was not checked of who signed it.
    pub doubt: Option<String>,
    /// What was bought, or is open to all.
    pub terms: TermsReport,
}

/// Opens what the listener may hear of it, called `what` in messages.
pub(super) fn parts(
    mut file: Box<dyn ReadSeek>,
    known: Known,
    keys: &Keys,
    runtime: &Handle,
    what: &str,
) -> Result<(Vec<Part>, Opening), PlayError> {
    let read = |e: std::io::Error| ReleaseError::Read(e);
    let mut head = Vec::new();
    file.rewind().map_err(read)?;
    file.by_ref().take((PREFIX + MAX_JSON) as u64).read_to_end(&mut head).map_err(read)?;
    if needs_look_up(&head) {
        let dids = known.dids.map_or_else(|| resolver(keys.allow_private), Ok).map_err(ReleaseError::from)?;
        runtime.block_on(look_up(&dids, &head)).map_err(ReleaseError::from)?;
    }
    let artist = known.artist.map(|did| did.to_string());
    let (front, begun) = front(&mut file, known.length, Expected { artist, ..Expected::default() })?;
    let ring = Keyring {
        key: keys.password.clone(),
        licence: keys.sold.clone(),
        beside: known.beside,
        home: keys.home.clone(),
    };
    let opened = match open(&mut file, front.clone(), &begun, &ring) {
        Err(error @ ReleaseError::Refused(Refused::NoValidKey)) => {
            let found = known.address.zip(keys.password.as_ref()).and_then(|((fetcher, url), key)| {
                let key = LicenceKey::parse(key.as_str()).ok()?;
                let name = file_name(&key.secret(front.header.id()));
                runtime.block_on(licence_beside(&fetcher, &url, &name)).ok().flatten()
            });
            match found {
                Some(licence) => open(&mut file, front, &begun, &Keyring { licence: Some(licence), ..ring })?,
                None => return Err(error.into()),
            }
        }
        opened => opened?,
    };
    if !keys.ignore_expiry {
        opened.admit(keys.now, keys.home.as_deref())?;
    }
    let header = &opened.front.header;
    let opening = Opening {
        doubt: doubt(header),
        terms: TermsReport::of(&opened.granted.terms, header.geometry().chunks()),
    };
    let pieces = Release::new(opened, Box::new(file)).pieces();
    let parts = pieces.into_iter().filter(|piece| is_music(piece.mime())).map(Part::of).collect();
    Ok((some(parts, what)?, opening))
}

fn resolver(allow_private: bool) -> Result<DidWebResolver, DidWebError> {
    let fetcher = Fetcher::new(&Policy { allow_private, extra_ca: None });
    let unreachable = |reason: String| DidWebError::Unreachable { did: "the artist".to_owned(), reason };
    fetcher.map(DidWebResolver::new).map_err(|e| unreachable(e.to_string()))
}
