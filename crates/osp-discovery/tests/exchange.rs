//! Frames and messages of `/osp/records/0.1.0`: what is written is read, and nothing over its limit is.
use osp_discovery::{
    IndexKey,
    exchange::{
        Answer, AnswerBuilder, Decoder, FrameError, MAX_ANSWER_BYTES, MAX_ID_BYTES, MAX_IDS,
        MAX_RECORD_BYTES, MAX_REQUEST_BYTES, MessageError, PAGE, Query, RefusalReason, Request, encode,
    },
};
use proptest::prelude::*;

fn decode(bytes: &[u8], limit: usize) -> Result<Option<Vec<u8>>, FrameError> {
    Decoder::new(limit).take(&mut &*bytes)
}

#[test]
fn requests_as_they_are_written() {
    let key = IndexKey::genre("Drone").unwrap();
    let whole = Request::new(Query::Key(key.clone()));
    let cases = [
        (whole.clone(), r#"{"key":"osp/0.1/genre/drone"}"#),
        (
            Request { limit: 20, after: Some("c42".into()), ids_only: true, ..whole },
            r#"{"key":"osp/0.1/genre/drone","limit":20,"after":"c42","only":"ids"}"#,
        ),
        (Request::new(Query::Ids(vec!["osp:track:x".into()])), r#"{"ids":["osp:track:x"]}"#),
        (Request { after: Some("0".into()), ..Request::new(Query::Feed) }, r#"{"feed":true,"after":"0"}"#),
    ];
    for (request, json) in cases {
        assert_eq!(String::from_utf8(request.to_json().unwrap()).unwrap(), json);
        assert_eq!(Request::parse(json.as_bytes()).unwrap(), request);
    }
}

#[test]
fn what_later_versions_add_is_passed_over() {
    let json = r#"{"later":{"a":[1]},"key":"osp/0.1/title/x","only":"digests","limit":100000,"feed":false}"#;
    let request = Request::parse(json.as_bytes()).unwrap();
    assert_eq!(request, Request::new(Query::Key(IndexKey::title("x").unwrap())));
    let deep = format!(r#"{{"feed":true,"x":{}{}}}"#, "[".repeat(1900), "]".repeat(1900));
    assert_eq!(Request::parse(deep.as_bytes()).unwrap(), Request::new(Query::Feed));
    let answer = Answer::parse(br#"{"x":1,"refused":"moved","records":[]}"#).unwrap();
    assert_eq!(answer, Answer::refusal(RefusalReason::Other));
    assert_eq!(Answer::parse(b"{}").unwrap(), Answer::default());
}

#[test]
fn what_is_no_request() {
    let many = format!(r#"{{"ids":[{}"x"]}}"#, r#""x","#.repeat(MAX_IDS));
    let long = format!(r#"{{"ids":["{}"]}}"#, "x".repeat(MAX_ID_BYTES + 1));
    let cursor = format!(r#"{{"feed":true,"after":"{}"}}"#, "x".repeat(129));
    for json in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"feed":false}"#,
        r#"{"feed":true"#,
        r#"{"feed":true} x"#,
        r#"{"feed":1}"#,
        r#"{"ids":[]}"#,
        r#"{"ids":["x"],"feed":true}"#,
        r#"{"key":"osp/0.1/title/x","ids":["x"]}"#,
        r#"{"key":"osp/0.1/title/x","key":"osp/0.1/title/y"}"#,
        r#"{"key":"osp/0.1/title/x","limit":-1}"#,
        r#"{"key":"x"}"#,
        r#"{"feed":true,"after":1}"#,
        &many,
        &long,
        &cursor,
    ] {
        assert!(Request::parse(json.as_bytes()).is_err(), "{json}");
    }
    let spaces = format!(r#"{{"feed":true{}}}"#, " ".repeat(MAX_REQUEST_BYTES));
    assert!(matches!(Request::parse(spaces.as_bytes()), Err(MessageError::TooLong(_))));
}

#[test]
fn every_key_and_every_list_of_ids_fits_a_request() {
    let worst = IndexKey::title(&"\u{1}".repeat(498)).unwrap();
    let request = Request {
        after: Some("\u{1}".repeat(128)),
        ids_only: true,
        limit: 99,
        ..Request::new(Query::Key(worst))
    };
    assert_eq!(Request::parse(&request.to_json().unwrap()).unwrap(), request);
    let ids = Request::new(Query::Ids(vec!["x".repeat(MAX_ID_BYTES); MAX_IDS]));
    assert_eq!(Request::parse(&ids.to_json().unwrap()).unwrap(), ids);
    let more = Request::new(Query::Ids(vec!["x".into(); MAX_IDS + 1]));
    assert!(more.to_json().is_err());
}

#[test]
fn a_page_is_filled_within_its_frame() {
    let record = format!(r#"{{"title":"{}"}}"#, "x".repeat(MAX_RECORD_BYTES - 12));
    assert_eq!(record.len(), MAX_RECORD_BYTES);
    let mut page = AnswerBuilder::new(PAGE);
    let mut taken = 0;
    while page.record(record.as_bytes()) {
        taken += 1;
    }
    assert_eq!(taken, 3);
    let answer = page.finish(Some("\u{1}".repeat(128)));
    let json = answer.to_json().unwrap();
    assert!(json.len() <= MAX_ANSWER_BYTES);
    assert_eq!(Answer::parse(&json).unwrap(), answer);

    let mut small = AnswerBuilder::new(1000);
    assert_eq!((0..1000).take_while(|n| small.record(n.to_string().as_bytes())).count(), PAGE);
    let mut ids = AnswerBuilder::new(7);
    assert_eq!((0..1000).take_while(|n| ids.id(&n.to_string())).count(), 7);
}

#[test]
fn a_record_comes_as_the_bytes_it_was_sent_as() {
    let json = br#"{"records":[ {"b": 1.0, "a":"\u0041"} ,[]], "next":null}"#;
    let answer = Answer::parse(json).unwrap();
    assert_eq!(answer.records, [br#"{"b": 1.0, "a":"\u0041"}"#.to_vec(), b"[]".to_vec()]);
}

#[test]
fn what_is_no_answer() {
    let many = format!(r#"{{"records":[{}0]}}"#, "0,".repeat(PAGE));
    let long = format!(r#"{{"records":["{}"]}}"#, "x".repeat(MAX_RECORD_BYTES));
    let ids = format!(r#"{{"ids":[{}"x"]}}"#, r#""x","#.repeat(PAGE));
    for json in [
        "",
        "[]",
        r#"{"records":{}}"#,
        r#"{"records":[],"records":[]}"#,
        r#"{"records":[1"#,
        r#"{"next":5}"#,
        r#"{"records":[nul]}"#,
        &many,
        &long,
        &ids,
    ] {
        assert!(Answer::parse(json.as_bytes()).is_err(), "{}", &json[..json.len().min(60)]);
    }
    let not_utf8 = b"{\"records\":[\"\xff\"]}";
    assert!(Answer::parse(not_utf8).is_err());
}

#[test]
fn lengths_are_judged_before_anything_is_set_aside() {
    let four_gib = [0xff, 0xff, 0xff, 0xff, 0x0f];
    assert!(matches!(decode(&four_gib, MAX_ANSWER_BYTES), Err(FrameError::TooLong { .. })));
    assert!(matches!(decode(&[0x81, 0x20], 4096), Err(FrameError::TooLong { length: 4097, .. })));
    assert_eq!(decode(&[0x80, 0x20], 4096), Ok(None));
    assert_eq!(decode(&[0x81, 0x00], 4096), Err(FrameError::Varint));
    assert_eq!(decode(&[0x80; 40], 4096), Err(FrameError::Varint));
    assert_eq!(decode(&[0xff; 40], usize::MAX), Err(FrameError::Varint));
    // A frame that was announced and does not come costs next to nothing.
    let mut decoder = Decoder::new(MAX_ANSWER_BYTES);
    let mut announced = &encode(&vec![0; MAX_ANSWER_BYTES])[..3];
    assert_eq!(decoder.take(&mut announced), Ok(None));
    assert!(decoder.held() <= 4096);
    assert!(!decoder.is_between_frames());
}

#[test]
fn a_broken_stream_stays_broken() {
    let mut decoder = Decoder::new(10);
    assert!(decoder.take(&mut &[11][..]).is_err());
    assert!(decoder.take(&mut &encode(b"x")[..]).is_err());
}

proptest! {
    #[test]
    fn frames_survive_any_cut(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..6), cut in 1usize..40) {
        let stream: Vec<u8> = bodies.iter().flat_map(|body| encode(body)).collect();
        let mut decoder = Decoder::new(300);
        let mut read = Vec::new();
        for mut piece in stream.chunks(cut) {
            while let Some(body) = decoder.take(&mut piece).unwrap() {
                read.push(body);
            }
        }
        prop_assert_eq!(read, bodies);
        prop_assert!(decoder.is_between_frames());
    }

    #[test]
    fn no_bytes_panic_the_readers(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Request::parse(&bytes);
        let _ = Answer::parse(&bytes);
        let _ = decode(&bytes, 100);
    }

    #[test]
    fn answers_survive(texts in prop::collection::vec(any::<String>(), 0..5), ids in prop::collection::vec("[ -~]{0,96}", 0..5), next in prop::option::of("\\PC{0,32}")) {
        let records = texts.iter().map(|t| serde_json::to_vec(t).unwrap()).collect();
        let answer = Answer { records, ids, next, refused: None };
        prop_assert_eq!(Answer::parse(&answer.to_json().unwrap()).unwrap(), answer);
    }
}
