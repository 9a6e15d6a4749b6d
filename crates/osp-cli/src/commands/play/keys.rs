//! Single keys while music plays.
//!
//! The terminal is told to give keys at once and not to show them; Ctrl-C and the like still work. Whatever ends the program, but
//! for a kill, gives the terminal back as it was.

use osp_player::player::Control;
use std::{io::IsTerminal as _, sync::mpsc::Sender};

/// Seconds of an arrow key.
const STEP: i32 = 10;
/// Per cent of a volume key.
const LOUDER: i8 = 5;

/// What a sequence of bytes from the keyboard wishes, one key at a time.
#[derive(Debug, Default)]
struct Decoder {
    /// Bytes of an escape sequence so far.
    escape: Vec<u8>,
}

impl Decoder {
    fn push(&mut self, byte: u8) -> Option<Control> {
        if !self.escape.is_empty() || byte == 0x1b {
            if byte == 0x1b {
                self.escape.clear();
            }
            self.escape.push(byte);
            return match self.escape[..] {
                [_] | [_, b'[' | b'O'] => None,
                [_, _, key] => {
                    self.escape.clear();
                    match key {
                        b'C' => Some(Control::SeekBy(STEP)),
                        b'D' => Some(Control::SeekBy(-STEP)),
                        b'A' => Some(Control::Volume(LOUDER)),
                        b'B' => Some(Control::Volume(-LOUDER)),
                        _ => None,
                    }
                }
                _ => {
                    self.escape.clear();
                    None
                }
            };
        }
        match byte {
            b' ' => Some(Control::Pause),
            b'n' | b'N' => Some(Control::Next),
            b'p' | b'P' => Some(Control::Previous),
            b'+' | b'=' => Some(Control::Volume(LOUDER)),
            b'-' | b'_' => Some(Control::Volume(-LOUDER)),
            // 4: the end of input.
            b'q' | b'Q' | 4 => Some(Control::Quit),
            _ => None,
        }
    }
}

/// The keyboard, as long as this lives.
#[cfg(unix)]
pub(super) struct Keyboard {
    before: rustix::termios::Termios,
}

#[cfg(unix)]
impl Keyboard {
    /// Listens, if somebody sits there.
    pub(super) fn open(wanted: bool, control: Sender<Control>) -> Option<Self> {
        use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};
        let stdin = rustix::stdio::stdin();
        if !wanted || !std::io::stdin().is_terminal() {
            return None;
        }
        let before = tcgetattr(stdin).ok()?;
        let mut keys = before.clone();
        keys.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
        keys.special_codes[SpecialCodeIndex::VMIN] = 1;
        keys.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(stdin, OptionalActions::Now, &keys).ok()?;
        let keyboard = Self { before };
        // It ends with the program: a read of the terminal cannot be called off.
        let listen = std::thread::Builder::new().name("keys".to_owned());
        listen.spawn(move || listen_to(std::io::stdin().lock(), &control)).ok()?;
        Some(keyboard)
    }
}

#[cfg(unix)]
impl Drop for Keyboard {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &self.before);
    }
}

#[cfg(unix)]
fn listen_to(input: impl std::io::BufRead, control: &Sender<Control>) {
    use std::io::{BufReader, Read as _};
    let mut decoder = Decoder::default();
    for byte in BufReader::new(input).bytes().map_while(Result::ok) {
        if let Some(wish) = decoder.push(byte)
            && control.send(wish).is_err()
        {
            return;
        }
    }
}

/// No keys here yet: Ctrl-C ends it.
#[cfg(not(unix))]
pub(super) struct Keyboard;

#[cfg(not(unix))]
impl Keyboard {
    pub(super) fn open(_: bool, _: Sender<Control>) -> Option<Self> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Decoder;
    use osp_player::player::Control;

    fn wishes(bytes: &[u8]) -> Vec<Control> {
        let mut decoder = Decoder::default();
        bytes.iter().filter_map(|byte| decoder.push(*byte)).collect()
    }

    #[test]
    fn keys_are_wishes() {
        let all = wishes(b" \x1b[C\x1b[D\x1bOCnp+-q");
        let wanted = [
            Control::Pause,
            Control::SeekBy(10),
            Control::SeekBy(-10),
            Control::SeekBy(10),
            Control::Next,
            Control::Previous,
            Control::Volume(5),
            Control::Volume(-5),
            Control::Quit,
        ];
        assert_eq!(all, wanted);
    }

    #[test]
    fn other_keys_are_nothing_and_hide_nothing() {
        assert_eq!(wishes(b"xyz\r\x1b[Z\x1bx\x1b\x1b[Cq"), [Control::SeekBy(10), Control::Quit]);
    }
}
