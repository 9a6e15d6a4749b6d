//! Every vector of the original implementation, through `osp unseal` and `osp inspect`.

use super::super::schemas::valid;
use crate::support::{
    Done, Machine, repository,
    sealed::{Case, cases},
    text,
};
use serde_json::{Value, json};

/// Where this program differs from the original; the reasons stand in `crates/smsg/tests/vectors.rs`. `ok`: it opens.
const DIFFERENCES: [(&str, &str); 29] = [
    // Version 3 of the container is SMSG 3.0 here, whose header is another.
    ("n-version-3", "not_canonical"),
    ("x-algorithm-ignored", "unsupported_version"),
    ("x-format-unknown", "unsupported_format"),
    ("x-compression-unknown", "unsupported_compression"),
    ("n-header-null", "header_not_json"),
    ("x-v1-json-null", "invalid_payload"),
    ("x-v1-content-not-base64", "invalid_payload"),
    ("x-v1-duplicate-keys", "invalid_payload"),
    ("x-v1-case-insensitive-keys", "invalid_payload"),
    ("x-v1-invalid-utf8", "invalid_payload"),
    ("x-v1-lone-surrogate", "invalid_payload"),
    ("x-v2-size-negative", "invalid_payload"),
    ("x-v2-size-maxint", "attachment_truncated"),
    ("n3-chunk-neg-offset", "chunk_out_of_bounds"),
    ("n3-chunk-neg-size", "chunk_out_of_bounds"),
    ("n3-chunk-overflow", "chunk_out_of_bounds"),
    ("bomb-2g-stream", "invalid_payload"),
    ("v3-daily@20260110T235959", "not_yet_valid"),
    ("v3-daily@20260114T000000", "expired"),
    ("v3-12h@20260111T235959", "not_yet_valid"),
    ("v3-12h@20260113T120000", "expired"),
    ("v3-1h@20260112T130405", "not_yet_valid"),
    ("v3-1h@20260112T170405", "expired"),
    ("v3c-6h-16k@20260113T000405", "expired"),
    ("n3-no-wrapped", "not_yet_valid"),
    ("v3-with-password-api", "license_required"),
    // The original enforces no date. `--ignore-expiry` opens it (below).
    ("v2-expired-manifest", "expired"),
    // Whether a file is text is found out by looking, not by what the caller believes.
    ("b64-text-as-binary", "ok"),
    ("b64-raw-binary", "ok"),
];

/// Two more, whose class has another name here.
fn expected(case: &Case) -> &str {
    if case.id() == "b64-of-b64" {
        return "double_base64";
    }
    let theirs = case.0["expect"]["error_class"].as_str().unwrap_or("ok");
    DIFFERENCES.iter().find(|(id, _)| *id == case.id()).map_or(theirs, |(_, ours)| ours)
}

fn exit_code(class: &str) -> i32 {
    match class {
        "ok" => 0,
        // Nothing was given.
        "password_required" => 2,
        "expired" | "not_yet_valid" => 5,
        _ => 3,
    }
}

/// The empty licence is a wrong command line; everything else was judged.
fn exit_code_of(case: &Case) -> i32 {
    if case.0["license"] == "" { 2 } else { exit_code(expected(case)) }
}

#[test]
fn every_difference_is_of_a_case_there_is() {
    let cases = cases();
    for (id, _) in DIFFERENCES {
        assert!(cases.iter().any(|case| case.id() == id), "{id}");
    }
}

#[test]
fn unseal_gives_every_vectors_content_or_class() {
    let machine = Machine::new();
    let mut counts = (0, 0);
    for case in cases() {
        let out = machine.path("out");
        let mut command = machine.osp();
        command.arg("--json").args(case.arguments()).args(["--out", "out"]);
        let done = Done::of(command.output().unwrap());
        let class = expected(&case);
        if class == "ok" {
            assert_eq!(done.code, Some(0), "{}: {done:?}", case.id());
            let result = done.lines().remove(0);
            valid("unseal-result", &result);
            check_content(&case, &result, &machine);
            let _ = std::fs::remove_dir_all(&out);
            counts.0 += 1;
        } else {
            done.failed_json(exit_code_of(&case), class);
            assert!(!out.exists(), "{}: something was written", case.id());
            valid("error", &serde_json::from_str(&done.stderr).unwrap());
            counts.1 += 1;
        }
    }
    assert!(counts.0 >= 70 && counts.1 >= 90, "{counts:?} positive and negative cases");
}

/// Text, names, types and bytes are the vector's; what is said of a file on disk is true.
fn check_content(case: &Case, result: &Value, machine: &Machine) {
    let expect = &case.0["expect"];
    let mut said = result.clone();
    let attachments = said.as_object_mut().unwrap().remove("attachments").unwrap();
    let attachments = attachments.as_array().unwrap();
    for attachment in attachments {
        let bytes = std::fs::read(machine.path(text(attachment, "path"))).unwrap();
        assert_eq!(
            (attachment["size"].as_u64().unwrap(), text(attachment, "sha256")),
            (bytes.len() as u64, sha256(&bytes).as_str())
        );
    }
    if !expect["ok"].as_bool().unwrap() {
        return; // one that only we open: there is nothing to compare with
    }
    assert_eq!(said, expect["message"], "{}", case.id());
    let none = Vec::new();
    let wanted = expect["attachments"].as_array().unwrap_or(&none);
    assert_eq!(attachments.len(), wanted.len(), "{}", case.id());
    for (got, wanted) in attachments.iter().zip(wanted) {
        let mime = wanted.get("mime").cloned().unwrap_or_else(|| "".into());
        assert_eq!((&got["name"], &got["mime"]), (&wanted["name"], &mime), "{}", case.id());
        // The original loses this attachment's white space (a quirk): ours has it.
        if case.id() != "q-v3c-whitespace-attachment" {
            assert_eq!((&got["size"], &got["sha256"]), (&wanted["len"], &wanted["sha256"]), "{}", case.id());
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn an_expired_vector_opens_when_told_to() {
    let machine = Machine::new();
    let case = cases().into_iter().find(|case| case.id() == "v2-expired-manifest").unwrap();
    let mut command = machine.osp();
    command.arg("--json").args(case.arguments()).arg("--ignore-expiry");
    let done = Done::of(command.output().unwrap());
    assert_eq!(done.code, Some(0), "{done:?}");
    let warning: Value = serde_json::from_str(&done.stderr).unwrap();
    valid("warning", &warning);
    assert_eq!(warning["warning"]["class"], "expired");
}

/// 0 and 0.0 are the same number, and serde_json takes them for two.
fn as_floats(value: &Value) -> Value {
    match value {
        Value::Number(n) => n.as_f64().into(),
        Value::Array(items) => items.iter().map(as_floats).collect(),
        Value::Object(members) => members.iter().map(|(k, v)| (k.clone(), as_floats(v))).collect(),
        other => other.clone(),
    }
}

#[test]
fn inspect_says_of_every_vector_what_the_original_says() {
    let machine = Machine::new();
    let mut seen = 0;
    for case in cases() {
        let Some(info) = case.0["get_info"].as_object() else { continue };
        let file = case.file();
        let done = machine.run(["--json".as_ref(), "inspect".as_ref(), file.as_os_str()]);
        if done.code != Some(0) {
            // A header that is refused when it is opened is refused here, too.
            let class = expected(&case);
            let known = [
                "unsupported_",
                "header_",
                "chunk_out",
                "bad_base64",
                "truncated_container",
                "over_limit",
                "checksum",
            ];
            assert!(known.iter().any(|k| class.starts_with(k)), "{}: {done:?}", case.id());
            done.failed_json(3, class);
            continue;
        }
        let said = done.lines().remove(0);
        valid("inspect-result", &said);
        for member in ["version", "algorithm", "format", "compression", "hint", "manifest"] {
            let wanted = info.get(member).map(as_floats);
            assert_eq!(said.get(member).map(as_floats), wanted, "{}: {member}", case.id());
        }
        assert_eq!(said["payloadOffset"], case.0["payload_offset"], "{}", case.id());
        if case.0["encoding"] == "binary" && said["encoding"] == "binary" {
            assert_eq!(said["payloadSize"], case.0["payload_len"], "{}", case.id());
        }
        seen += 1;
    }
    assert!(seen > 100, "{seen} cases");
}

/// What the header cannot be trusted with is said; `class` of every warning, by file.
#[test]
fn inspect_warns_of_what_the_formats_do_not_protect() {
    let machine = Machine::new();
    let classes = |file: &str| {
        let file = crate::support::sealed::vector(file);
        let said = machine.json(["inspect".as_ref(), file.as_os_str()]).remove(0);
        let warnings = said["warnings"].as_array().unwrap().clone();
        warnings.iter().map(|w| text(w, "class").to_owned()).collect::<Vec<_>>()
    };
    for (file, class) in [
        ("v1-plain.smsg", "header_not_authenticated"),
        ("v1-plain.smsg", "fast_password_hash"),
        ("v2-expired-manifest.smsg", "expiry_is_a_request"),
        ("v3c-6h-16k.smsg", "chunk_order_not_authenticated"),
        ("n3-totals-wrong.smsg", "chunk_totals_disagree"),
    ] {
        assert!(classes(file).iter().any(|c| c == class), "{file} {class}: {:?}", classes(file));
    }
    let plain = classes("v3-daily.smsg");
    assert!(!plain.iter().any(|c| c.starts_with("chunk") || c == "inner_header_differs"), "{plain:?}");
}

#[test]
fn inspect_shows_abr_manifests() {
    let machine = Machine::new();
    for entry in std::fs::read_dir(repository("spec/vectors/smsg")).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_string_lossy().starts_with("abr-") {
            continue;
        }
        let said = machine.json(["inspect".as_ref(), path.as_os_str()]).remove(0);
        valid("abr-manifest", &said);
        let there: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(said["title"], there["title"]);
        assert_eq!(
            said["variants"].as_array().unwrap().len(),
            there["variants"].as_array().map_or(0, Vec::len)
        );
    }
    let newer = machine.file("newer.json", json!({"version": "abr-v2", "variants": []}).to_string());
    machine.run(["--json".as_ref(), "inspect".as_ref(), newer.as_os_str()]).failed_json(3, "unsupported");
    let broken = machine.file("broken.json", "{");
    machine.run(["--json".as_ref(), "inspect".as_ref(), broken.as_os_str()]).failed_json(3, "malformed");
}
