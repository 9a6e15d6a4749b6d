//! Covers for tracks that have none: quarter grooves on a grid, the same for the same album everywhere.
//!
//! ```text
//!  seed  8 bytes   ┬ byte 0: colours
//!                  └ the rest, two bits for each of nine tiles: from which corner the grooves spread
//! ```

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use std::fmt::Write as _;

/// Ground, groove and second groove; muted, so that real covers and the accent stay the loudest.
const PALETTES: [[&str; 3]; 8] = [
    ["#20343b", "#6f8f8c", "#d9d2bd"],
    ["#3a2b3a", "#9a7486", "#e4cfc6"],
    ["#2b3a2c", "#7f9470", "#dcdcc0"],
    ["#402a22", "#b07a5c", "#ead6bf"],
    ["#262c45", "#7480a8", "#d3d6e2"],
    ["#3b3524", "#a39263", "#e6dfc6"],
    ["#1f3a3a", "#5f9a92", "#cfe0d6"],
    ["#43252c", "#a8616a", "#e8ccc6"],
];
/// Tiles in a row.
const TILES: usize = 3;
/// Units of one tile.
const TILE: usize = 80;
/// Middle radii of the grooves in a tile; as wide as the land between them.
const GROOVES: [usize; 3] = [72, 40, 8];
/// Width of a groove.
const WIDTH: usize = 16;

/// The SVG of a seed. Holds numbers and colours of ours only.
#[must_use]
pub fn svg(seed: [u8; 8]) -> String {
    let [ground, groove, second] = PALETTES[usize::from(seed[0]) % PALETTES.len()];
    let bits = u64::from_be_bytes(seed);
    let side = TILES * TILE;
    let mut out = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><rect width="{side}" height="{side}" fill="{ground}"/>"#
    );
    for tile in 0..TILES * TILES {
        let (x, y) = (tile % TILES * TILE, tile / TILES * TILE);
        let turn = bits >> (tile * 3) & 0b111;
        let (cx, cy) = (if turn & 1 == 0 { 0 } else { TILE }, if turn & 2 == 0 { 0 } else { TILE });
        let colour = if turn & 4 == 0 { groove } else { second };
        // A nested svg clips to its tile, and half a unit over: without the overlap hairlines show between tiles
        // wherever they do not fall on whole pixels. Writing to a String cannot fail.
        let (left, top, wide) = (x as f32 - 0.5, y as f32 - 0.5, TILE + 1);
        let _ = write!(
            out,
            r#"<svg x="{left}" y="{top}" width="{wide}" height="{wide}" viewBox="-.5 -.5 {wide} {wide}">"#
        );
        let _ = write!(out, r#"<g fill="none" stroke="{colour}" stroke-width="{WIDTH}">"#);
        for radius in GROOVES {
            let _ = write!(out, r#"<circle cx="{cx}" cy="{cy}" r="{radius}"/>"#);
        }
        out.push_str("</g></svg>");
    }
    out.push_str("</svg>");
    out
}

/// The cover of a seed as it is written in addresses; `None` for anything else.
#[must_use]
pub fn drawn(seed: &str) -> Option<String> {
    let seed = data_encoding::HEXLOWER.decode(seed.as_bytes()).ok()?.try_into().ok()?;
    Some(svg(seed))
}

/// `GET /cover/{16 hexadecimal digits}.svg`
pub async fn serve(Path(file): Path<String>) -> Response {
    let Some(seed) = parse(&file) else {
        return (StatusCode::NOT_FOUND, "no such cover\n").into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, svg(seed)).into_response()
}

fn parse(file: &str) -> Option<[u8; 8]> {
    let hex = file.strip_suffix(".svg")?;
    data_encoding::HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_cover_and_another_another() {
        assert_eq!(svg([1; 8]), svg([1; 8]));
        assert_ne!(svg([1; 8]), svg([2; 8]));
    }

    #[test]
    fn only_sixteen_hexadecimal_digits_name_a_cover() {
        assert_eq!(parse("0123456789abcdef.svg"), Some([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]));
        for bad in ["0123456789abcdef", "0123.svg", "../../etc/pass.svg", "<script>aaaaaaaa.svg", ".svg"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
