//! `format=car`: a CARv1 stream of the blocks that prove a file, or a part of it.
//!
//! ```text
//!  varint length | header: DAG-CBOR {"roots": [CID], "version": 1}
//!  varint length | CID | block        root first, then depth first, children in file order
//!  …
//! ```
//!
//! The walk follows the stored layout; leaves are read from the blob one at a time, so memory does not grow with
//! the file. A leaf that turns out to be damaged ends the stream without its last chunk, and the client knows.

use super::{
    Request, finish,
    negotiate::{CarParams, Scope},
    raw,
    walk::Walk,
};
use crate::http::{
    ApiError, AppState,
    body::{broken, counted},
    conditional, content, guard, lookup,
};
use axum::{
    body::Body,
    http::{HeaderValue, Method, header},
    response::Response,
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use osp_core::Cid;
use std::io;

/// Answers with a CAR.
///
/// # Errors
/// 404 without the root block, 410.
pub(super) async fn get(
    state: &AppState,
    request: &Request<'_>,
    params: &CarParams,
) -> Result<Response, ApiError> {
    let source = source(state, request, params).await?;
    let part = params.bytes.map(|b| format!(".{b}")).unwrap_or_default();
    let dups = if params.duplicates { "y" } else { "n" };
    let name = format!("{}.car.{}{part}.{dups}", request.path.written, params.scope.as_str());
    let etag = conditional::etag(&name);
    if conditional::not_modified(request.headers, &etag) {
        return Ok(content::not_modified(&etag));
    }
    let body = if request.method == Method::HEAD {
        Body::empty()
    } else {
        let head = stream::iter([io::Result::Ok(car_header(&request.path.cid))]);
        match source {
            Source::Nothing => Body::from_stream(head),
            Source::Block(block) => {
                let section = [frame(&request.path.cid, block.len()), block];
                counted(state, head.chain(stream::iter(section.map(io::Result::Ok))))
            }
            Source::Walk(walk) => {
                let blocks = stream::try_unfold(*walk, |mut walk| async {
                    let block = walk.next().await.map_err(|e| broken(&e))?;
                    Ok(block.map(|block| (block, walk)))
                });
                let sections = blocks.flat_map(|block: io::Result<(Cid, Bytes)>| {
                    let parts = match block {
                        Ok((cid, bytes)) => vec![Ok(frame(&cid, bytes.len())), Ok(bytes)],
                        Err(error) => vec![Err(error)],
                    };
                    stream::iter(parts)
                });
                counted(state, head.chain(sections))
            }
        }
    };
    let content_type = format!("application/vnd.ipld.car; version=1; order=dfs; dups={dups}");
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::try_from(content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    headers.insert(header::ETAG, etag);
    finish(headers, request, ".car", "format=car");
    Ok(response)
}

/// Where the blocks come from.
enum Source {
    /// An identity CID: its block is in the CID, and CARs must not carry it.
    Nothing,
    /// One block is all there is, or all that is asked for.
    Block(Bytes),
    /// A file.
    Walk(Box<Walk>),
}

async fn source(state: &AppState, request: &Request<'_>, params: &CarParams) -> Result<Source, ApiError> {
    let cid = &request.path.cid;
    if request.is_identity() {
        return Ok(Source::Nothing);
    }
    if let Some(block) = request.known_block() {
        return Ok(Source::Block(block));
    }
    if let Some(blob) = lookup::blob(state, cid).await? {
        guard::blob(state, &blob).await?;
        let blobs = state.node.blobs();
        let mut layout = blobs.layout(cid).await?;
        if let (None, Some(twin)) = (&layout, lookup::other_version(cid)) {
            layout = blobs.layout(&twin).await?;
        }
        let layout = layout.ok_or_else(|| request.not_here())?;
        let bytes = match (params.scope, params.bytes) {
            (Scope::Block, _) => 0..0,
            (_, None) => 0..layout.size,
            (_, Some(part)) => part.resolve(layout.size),
        };
        let walk = Walk::new(std::sync::Arc::clone(blobs), blob, layout, *cid, bytes, params.duplicates);
        return Ok(Source::Walk(Box::new(walk)));
    }
    // No file starts here, but a block of one may: alone it is still a valid answer for the block, and for a leaf
    // the block is all there is.
    guard::block(state, cid).await?;
    let block = raw::block(state, cid).await?.ok_or_else(|| request.not_here())?;
    if params.scope == Scope::Block || cid.codec() == osp_core::content::RAW {
        return Ok(Source::Block(block));
    }
    Err(ApiError::not_found(format!("{cid} is an inner block of a file, not the root of one"))
        .hint("ask for the file's root, or for this block with ?format=raw"))
}

/// The stream's first section.
fn car_header(root: &Cid) -> Bytes {
    let cid = root.to_bytes();
    // DAG-CBOR: map(2), "roots": array(1) of tag 42 over bytes 0x00 || CID, "version": 1. Keys by length.
    let mut cbor = vec![0xa2, 0x65];
    cbor.extend_from_slice(b"roots");
    cbor.extend_from_slice(&[0x81, 0xd8, 0x2a]);
    byte_string_head(cid.len() + 1, &mut cbor);
    cbor.push(0);
    cbor.extend_from_slice(&cid);
    cbor.push(0x67);
    cbor.extend_from_slice(b"version");
    cbor.push(0x01);
    let mut out = varint(cbor.len());
    out.extend_from_slice(&cbor);
    out.into()
}

/// Major type 2 with the shortest length; a CID has fewer than 256 bytes.
fn byte_string_head(len: usize, out: &mut Vec<u8>) {
    match u8::try_from(len) {
        Ok(short @ 0..24) => out.push(0x40 | short),
        Ok(long) => out.extend_from_slice(&[0x58, long]),
        Err(_) => {
            out.push(0x59);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
    }
}

/// What stands before a block.
fn frame(cid: &Cid, block_len: usize) -> Bytes {
    let cid = cid.to_bytes();
    let mut out = varint(cid.len() + block_len);
    out.extend_from_slice(&cid);
    out.into()
}

/// Unsigned LEB128.
fn varint(mut n: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(48);
    while n >= 0x80 {
        out.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
    out
}
