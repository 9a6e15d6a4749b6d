//! Messages of `/osp/records/0.1.0` as the specification's vectors have them.
use osp_discovery::exchange::{Answer, Decoder, Query, Request, encode};
use serde_json::{Value, json};

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/vectors/records-exchange.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn cases<'a>(file: &'a Value, of: &str, verdict: &str) -> &'a [Value] {
    let cases = file[of][verdict].as_array().unwrap();
    assert!(cases.len() >= 5, "{of} {verdict}");
    cases
}

#[test]
fn frames() {
    let file = vectors();
    let limit = file["frames"]["limit"].as_u64().unwrap() as usize;
    for case in cases(&file, "frames", "good") {
        let body = vec![b'x'; case["length"].as_u64().unwrap() as usize];
        let frame = encode(&body);
        let prefix: String = frame[..frame.len() - body.len()].iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(prefix, case["prefix"].as_str().unwrap());
        assert_eq!(Decoder::new(limit).take(&mut &frame[..]).unwrap().unwrap(), body);
    }
    for case in cases(&file, "frames", "bad") {
        let hex = case["hex"].as_str().unwrap();
        let bytes: Vec<u8> =
            (0..hex.len() / 2).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect();
        assert!(Decoder::new(limit).take(&mut &bytes[..]).is_err(), "{}", case["name"]);
    }
}

#[test]
fn requests() {
    let file = vectors();
    for case in cases(&file, "requests", "good") {
        let request = Request::parse(case["text"].as_str().unwrap().as_bytes()).unwrap();
        let mut seen = json!({"limit": request.limit, "after": request.after, "idsOnly": request.ids_only});
        match &request.query {
            Query::Key(key) => seen["key"] = key.as_str().into(),
            Query::Ids(ids) => seen["ids"] = json!(ids),
            Query::Feed => seen["feed"] = true.into(),
        }
        assert_eq!(seen, case["request"], "{}", case["name"]);
        assert_eq!(Request::parse(&request.to_json().unwrap()).unwrap(), request);
    }
    for case in cases(&file, "requests", "bad") {
        assert!(Request::parse(case["text"].as_str().unwrap().as_bytes()).is_err(), "{}", case["name"]);
    }
}

#[test]
fn answers() {
    let file = vectors();
    for case in cases(&file, "answers", "good") {
        let answer = Answer::parse(case["text"].as_str().unwrap().as_bytes()).unwrap();
        let records: Vec<String> =
            answer.records.iter().map(|r| String::from_utf8(r.clone()).unwrap()).collect();
        let seen = json!({
            "records": records,
            "ids": answer.ids,
            "next": answer.next,
            "refused": answer.refused.map(|reason| reason.as_str()),
        });
        assert_eq!(seen, case["answer"], "{}", case["name"]);
        assert_eq!(Answer::parse(&answer.to_json().unwrap()).unwrap(), answer);
    }
    for case in cases(&file, "answers", "bad") {
        assert!(Answer::parse(case["text"].as_str().unwrap().as_bytes()).is_err(), "{}", case["name"]);
    }
}
