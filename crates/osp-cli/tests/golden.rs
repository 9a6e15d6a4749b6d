//! What each command prints and how it exits, as files: `tests/cmd/*.trycmd`.
//!
//! Every case runs in a copy of its `.in` folder with an empty home. Ids and signatures come from a published test
//! key (`test.key` in those folders), so that they are the same in every run; what differs stands there as `[..]`.
//! After a wanted change: `TRYCMD=overwrite cargo test -p osp-cli --test golden`, and read the difference.

fn golden(pattern: &str) {
    let cases = trycmd::TestCases::new();
    cases
        .env("OSP_HOME", "home")
        .env("OSP_BITTORRENT", "127.0.0.1:0")
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100");
    cases.case(pattern).run();
}

#[test]
fn help() {
    golden("tests/cmd/help/*.trycmd");
}

#[test]
fn commands() {
    golden("tests/cmd/*.trycmd");
    golden("tests/cmd/*.toml");
}
