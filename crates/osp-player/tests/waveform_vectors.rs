//! spec/vectors/waveform.json: files that are waveforms and files that are not, and the peaks of sound, as Python computes them.
#![allow(clippy::unwrap_used)]

use data_encoding::{BASE64, HEXLOWER};
use osp_player::{Media, Waveform};
use serde_json::Value;
use std::io::Cursor;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../spec/vectors/waveform.json")).unwrap()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    let list = value[name].as_array().unwrap();
    assert!(!list.is_empty(), "{name}");
    list
}

fn peaks(case: &Value) -> Vec<u8> {
    list(case, "peaks").iter().map(|peak| u8::try_from(peak.as_u64().unwrap()).unwrap()).collect()
}

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap()
}

#[test]
fn a_file_is_read_or_passed_over() {
    let files = &vectors()["files"];
    for case in list(files, "good") {
        let read = Waveform::parse(&HEXLOWER.decode(text(case, "hex").as_bytes()).unwrap());
        assert_eq!(read.unwrap().peaks(), peaks(case), "{}", case["name"]);
    }
    for case in list(files, "bad") {
        assert_eq!(
            Waveform::parse(&HEXLOWER.decode(text(case, "hex").as_bytes()).unwrap()),
            None,
            "{}",
            case["name"]
        );
    }
}

#[test]
fn sound_has_the_peaks_that_another_implementation_finds() {
    for case in list(&vectors(), "measured") {
        let wav = match case.get("wav") {
            Some(file) => BASE64.decode(file.as_str().unwrap().as_bytes()).unwrap(),
            None => stairs(u32::try_from(case["made"]["frames"].as_u64().unwrap()).unwrap()),
        };
        let len = wav.len() as u64;
        let waveform = Waveform::measure(Media::new(Cursor::new(wav), len)).unwrap();
        let (ours, theirs) = (waveform.peaks(), peaks(case));
        assert_eq!(ours.len(), theirs.len(), "{}", case["name"]);
        let far = ours.iter().zip(&theirs).position(|(one, other)| one.abs_diff(*other) > 1);
        assert_eq!(far, None, "{}: {ours:?}", case["name"]);
    }
}

/// The long case by its rule: 16 bits, one channel, 8000 a second.
fn stairs(frames: u32) -> Vec<u8> {
    let sample = |n: u32| {
        let level = i16::try_from(32_767 * (n / 320 % 97) / 96).unwrap();
        if n % 2 == 1 { -level } else { level }
    };
    let data: Vec<u8> = (0..frames).flat_map(|n| sample(n).to_le_bytes()).collect();
    let size = u32::try_from(data.len()).unwrap();
    [
        &b"RIFF"[..],
        &(36 + size).to_le_bytes(),
        b"WAVEfmt ",
        &16_u32.to_le_bytes(),
        &[1, 0, 1, 0],
        &8000_u32.to_le_bytes(),
        &16_000_u32.to_le_bytes(),
        &[2, 0, 16, 0],
        b"data",
        &size.to_le_bytes(),
        &data,
    ]
    .concat()
}
