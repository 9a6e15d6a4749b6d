//! CIDs equal to those of Helia, Kubo and rust-unixfs (spec/vectors/cid), streamed and in one pass.
#![allow(clippy::unwrap_used)]

mod bytes;

use bytes::Xorshift;
use chacha20::{
    ChaCha20Rng,
    rand_core::{Rng, SeedableRng},
};
use osp_core::unixfs::{Importer, Profile};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../spec/vectors/cid/cid-vectors.json")).unwrap()
}

#[test]
fn xorshift_files_have_the_cids_of_helia() {
    let vectors = vectors();
    let mut files: Vec<_> = vectors["own_vectors"]["vectors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| {
            let importers = [Profile::V0_2015, Profile::V1_2025].map(|p| (p, Importer::new(p)));
            (v["size"].as_u64().unwrap(), v, importers)
        })
        .collect();
    assert!(files.len() >= 13);
    // Every file is a prefix of the longest, so the stream is made once.
    let longest = files.iter().map(|f| f.0).max().unwrap();
    Xorshift::stream(longest, |at, block| {
        for (size, _, importers) in &mut files {
            let part = bytes::within(*size, at, block);
            importers.iter_mut().for_each(|(_, importer)| importer.update(part));
        }
    });
    for (size, vector, importers) in files {
        for (profile, importer) in importers {
            let layout = importer.finish_layout();
            let name = profile.name();
            assert_eq!(layout.root.to_string(), vector["cids"][name], "{size} bytes, {name}");
            let blocks = (layout.nodes.len() + layout.leaves.len()) as u64;
            assert_eq!(blocks, vector["blocks"][name], "blocks of {size} bytes, {name}");
        }
    }
}

fn official(vector: &Value) {
    let profile = Profile::from_name(vector["profile"].as_str().unwrap()).unwrap();
    let mut importer = Importer::new(profile);
    if let Some(literal) = vector["literal"].as_str() {
        importer.update(literal.as_bytes());
    } else {
        let mut rest = vector["size"].as_u64().unwrap() as usize;
        let seed = osp_core::content::sha256(vector["seed"].as_str().unwrap().as_bytes());
        let mut keystream = ChaCha20Rng::from_seed(seed);
        let mut block = vec![0; 1 << 20];
        while rest > 0 {
            keystream.fill_bytes(&mut block);
            let part = rest.min(block.len());
            importer.update(&block[..part]);
            rest -= part;
        }
    }
    assert_eq!(importer.finish().to_string(), vector["cid"], "{vector}");
}

/// Those of IPIP-0499 and Kubo's own test, but for the two of 1 GiB.
#[test]
fn official_files_have_the_cids_of_kubo() {
    let vectors = vectors();
    let small = vectors["official_vectors"]["vectors"].as_array().unwrap().iter();
    let small: Vec<_> = small.filter(|v| v["size"].as_u64().unwrap_or(0) < 1 << 30).collect();
    assert_eq!(small.len(), 8);
    small.into_iter().for_each(official);
}

/// `cargo test --release -p osp-core --test unixfs_vectors -- --ignored`: some ten seconds.
#[test]
#[ignore = "2 GiB of hashing: cargo xtask soak runs it with --release"]
fn official_files_of_one_gibibyte() {
    let vectors = vectors();
    let large = vectors["official_vectors"]["vectors"].as_array().unwrap().iter();
    large.filter(|v| v["size"].as_u64().unwrap_or(0) >= 1 << 30).for_each(official);
}
