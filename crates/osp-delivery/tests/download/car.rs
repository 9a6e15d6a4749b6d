//! CAR streams: cut right whatever the pieces, and never more than the limits.
use osp_core::{
    content::{cid_v0, dag_pb_cid, raw_cid, sha256},
    unixfs::MAX_BLOCK_BYTES,
};
use osp_delivery::car::{CarReader, MAX_HEADER_BYTES, Section, header, section_head};
use proptest::prelude::*;

fn read(bytes: &[u8], piece: usize) -> Result<(Vec<Section>, bool), String> {
    let mut reader = CarReader::new();
    let mut sections = Vec::new();
    for piece in bytes.chunks(piece.max(1)) {
        reader.push(piece);
        while let Some(section) = reader.next_section().map_err(|e| e.to_string())? {
            sections.push(section);
        }
    }
    Ok((sections, reader.may_end()))
}

/// The header of the CARv1 specification's example, for one root.
#[test]
fn a_header_is_written_as_in_the_specification() {
    let root = raw_cid([0x11; 32]);
    let expected = "3aa265726f6f747381d82a582500015512201111111111111111111111111111111111111111111111111111111111111111\
                    6776657273696f6e01";
    let hex: String = header(&root).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(hex, expected);
    let mut reader = CarReader::new();
    reader.push(&header(&root));
    assert_eq!(reader.roots().unwrap(), Some(&[root][..]));
    // The order that other writers use, and a CIDv0
    let root = cid_v0([0x22; 32]);
    let cid = root.to_bytes();
    let map = [b"\xa2\x67version\x01\x65roots\x81\xd8\x2a\x58\x23\x00".as_slice(), &cid].concat();
    let mut reader = CarReader::new();
    reader.push(&[&[map.len() as u8], map.as_slice()].concat());
    assert_eq!(reader.roots().unwrap(), Some(&[root][..]));
}

#[test]
fn what_is_no_car_is_refused_early() {
    let root = raw_cid([1; 32]);
    let framed = |map: &[u8]| [&[map.len() as u8], map].concat();
    let long = |len: usize| {
        let group = |n: usize| (len >> (7 * n)) as u8 & 0x7f;
        [0x80 | group(0), 0x80 | group(1), 0x80 | group(2), group(3)]
    };
    for (bytes, reason) in [
        (vec![0], "a section is empty"),
        (vec![0xff; 4096], "a section is too long"),
        (long(MAX_HEADER_BYTES + 1).to_vec(), "a section is too long"),
        (framed(b"\x80"), "its header is not a map"),
        (framed(b"\xa1\x67version\x01"), "it has no roots"),
        (framed(b"\xa1\x67version\x02"), "it is not of version 1"),
        (framed(b"\xa1\x65roots\x80"), "it is not of version 1"),
        (framed(b"\xa2\x67version\x01\x65roots\x81\x01"), "its roots are not a list of CIDs"),
        (framed(b"\xa2\x67version\x01\x65roots\x80\x00"), "something follows its header"),
        (framed(b"\xa2\x67version\x61x\x65roots\x80"), "its version is no number"),
        (framed(b"\xa1\x63two\x01"), "its header has unknown members"),
        (framed(b"\xa1\x78"), "its header is not DAG-CBOR"),
        ([header(&root), vec![5, 9, 9, 9, 9, 9]].concat(), "a section does not start with a CID"),
        ([header(&root), long(MAX_BLOCK_BYTES + 200).to_vec()].concat(), "a section is too long"),
    ] {
        let error = read(&bytes, 7).unwrap_err();
        assert_eq!(error, format!("not a CAR that can be read: {reason}"), "{bytes:02x?}");
    }
}

#[test]
fn the_largest_block_is_read() {
    let block = vec![7; MAX_BLOCK_BYTES];
    let cid = raw_cid(sha256(&block));
    let car = [header(&cid), section_head(&cid, block.len()), block.clone()].concat();
    let (sections, ended) = read(&car, 60_000).unwrap();
    assert!(ended && sections.len() == 1 && sections[0].block == block && sections[0].cid == cid);
    assert!(!read(&car[..car.len() - 1], 60_000).unwrap().1);
}

proptest! {
    #[test]
    fn sections_do_not_depend_on_the_pieces(
        blocks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..6),
        piece in 1_usize..400,
    ) {
        let sections: Vec<_> =
            blocks.into_iter().map(|b| Section { cid: dag_pb_cid(sha256(&b)), block: b.into() }).collect();
        let mut car = header(&raw_cid([3; 32]));
        for section in &sections {
            car.extend(section_head(&section.cid, section.block.len()));
            car.extend(&section.block);
        }
        prop_assert_eq!(read(&car, piece).unwrap(), (sections, true));
    }

    #[test]
    fn any_bytes_are_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..400), good in any::<bool>()) {
        if good {
            bytes.splice(0..0, header(&raw_cid([3; 32])));
        }
        let _ = read(&bytes, 33);
    }
}
