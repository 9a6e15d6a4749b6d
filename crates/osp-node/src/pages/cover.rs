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
const TILES: i32 = 3;
/// Units of one tile.
const TILE: i32 = 80;
/// Middle radii of the grooves in a tile; as wide as the land between them.
const GROOVES: [i32; 3] = [72, 40, 8];
/// Width of a groove.
const WIDTH: i32 = 16;

/// The SVG of a seed. Holds numbers and colours of ours only.
///
/// The arcs of a colour are one path: a list shows a screen of covers, and the browser draws each of them when its row comes.
#[must_use]
pub fn svg(seed: [u8; 8]) -> String {
    let [ground, groove, second] = PALETTES[usize::from(seed[0]) % PALETTES.len()];
    let bits = u64::from_be_bytes(seed);
    let side = TILES * TILE;
    let mut arcs = [String::new(), String::new()];
    for tile in 0..TILES * TILES {
        let turn = bits >> (tile * 3) & 0b111;
        let (right, below, colour) = (turn & 1 == 1, turn & 2 == 2, (turn >> 2 & 1) as usize);
        grooves(
            &mut arcs[colour],
            Corner { x: tile % TILES + i32::from(right), y: tile / TILES + i32::from(below), right, below },
        );
    }
    let [first, other] = arcs;
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><rect width="{side}" height="{side}" fill="{ground}"/><g fill="none" stroke-width="{WIDTH}"><path stroke="{groove}" d="{first}"/><path stroke="{second}" d="{other}"/></g></svg>"#
    )
}

/// The corner of a tile from which its grooves spread.
struct Corner {
    /// Tiles from the left edge.
    x: i32,
    /// Tiles from the upper edge.
    y: i32,
    /// It is a right one: they spread to the left.
    right: bool,
    /// It is a lower one: they spread upwards.
    below: bool,
}

/// Adds the quarter circles around a corner to the data of a path. They begin and end half a unit outside their tile: without the
/// overlap hairlines show between tiles wherever they do not fall on whole pixels.
fn grooves(path: &mut String, corner: Corner) {
    let (x, y) = (corner.x * TILE, corner.y * TILE);
    let (across, down) = (if corner.right { -1 } else { 1 }, if corner.below { -1 } else { 1 });
    let clockwise = i32::from(across == down);
    for radius in GROOVES {
        let (from, half) = (x + across * radius, 0.5 * f64::from(down));
        let (dx, dy, end) = (-across * radius, down * radius, -0.5 * f64::from(across));
        let begin = f64::from(y) - half;
        // Writing to a String cannot fail.
        let _ = write!(path, "M{from} {begin}v{half}a{radius} {radius} 0 0 {clockwise} {dx} {dy}h{end}");
    }
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
