//! `/osp/records/0.1.0`: frames cut anywhere read the same, nothing is held beyond the limit, and a message that is taken
//! is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use osp_discovery::exchange::{Answer, Decoder, MAX_ANSWER_BYTES, Request};

const LIMIT: usize = 1000;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = Request::parse(bytes) {
        // Control characters may make what is read a little too long to be written.
        if let Ok(json) = request.to_json() {
            assert_eq!(Request::parse(&json).as_ref(), Ok(&request));
        }
    }
    if let Ok(answer) = Answer::parse(bytes)
        && let Ok(json) = answer.to_json()
    {
        assert!(json.len() <= MAX_ANSWER_BYTES);
        assert_eq!(Answer::parse(&json).as_ref(), Ok(&answer));
    }

    let mut whole = Decoder::new(LIMIT);
    let mut pieces = Decoder::new(LIMIT);
    let (mut at_once, mut cut) = (Vec::new(), Vec::new());
    let mut rest = bytes;
    let end = loop {
        match whole.take(&mut rest) {
            Ok(Some(body)) => at_once.push(body),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    let step = usize::from(bytes.first().copied().unwrap_or(0)) % 7 + 1;
    let mut failed = None;
    'pieces: for mut piece in bytes.chunks(step) {
        loop {
            match pieces.take(&mut piece) {
                Ok(Some(body)) => {
                    assert!(body.len() <= LIMIT);
                    cut.push(body);
                }
                Ok(None) => break,
                Err(error) => {
                    failed = Some(error);
                    break 'pieces;
                }
            }
        }
        assert!(pieces.held() <= 4 * LIMIT);
    }
    assert_eq!((at_once, end), (cut, failed));
});
