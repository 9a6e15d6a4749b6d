//! Writing, always canonical.

/// A dictionary of what `fill` writes.
#[must_use]
pub fn dict(fill: impl FnOnce(&mut DictWriter<'_>)) -> Vec<u8> {
    let mut out = Vec::new();
    write_dict(&mut out, fill);
    out
}

/// A list of what `fill` writes.
#[must_use]
pub fn list(fill: impl FnOnce(&mut ListWriter<'_>)) -> Vec<u8> {
    let mut out = Vec::new();
    write_list(&mut out, fill);
    out
}

/// Writes the entries of a dictionary. Keys have to be given ascending as bytes, each once; a debug build panics
/// when they are not, because it is a mistake of the program, not of its input.
#[derive(Debug)]
pub struct DictWriter<'o> {
    out: &'o mut Vec<u8>,
    /// Where the key before starts and ends in `out`.
    before: Option<std::ops::Range<usize>>,
}

/// Writes the values of a list.
#[derive(Debug)]
pub struct ListWriter<'o> {
    out: &'o mut Vec<u8>,
}

impl DictWriter<'_> {
    /// An integer.
    pub fn integer(&mut self, key: &[u8], value: i64) -> &mut Self {
        write_integer(self.key(key), value);
        self
    }

    /// An integer of 64 bits without a sign. Beyond `i64::MAX` no strict reader takes it.
    pub fn unsigned(&mut self, key: &[u8], value: u64) -> &mut Self {
        write_integer(self.key(key), value);
        self
    }

    /// A string.
    pub fn bytes(&mut self, key: &[u8], value: &[u8]) -> &mut Self {
        write_string(self.key(key), value);
        self
    }

    /// A dictionary.
    pub fn dict(&mut self, key: &[u8], fill: impl FnOnce(&mut DictWriter<'_>)) -> &mut Self {
        write_dict(self.key(key), fill);
        self
    }

    /// A list.
    pub fn list(&mut self, key: &[u8], fill: impl FnOnce(&mut ListWriter<'_>)) -> &mut Self {
        write_list(self.key(key), fill);
        self
    }

    /// A value that is bencoded already, such as an info dictionary whose hash counts.
    pub fn raw(&mut self, key: &[u8], bencoded: &[u8]) -> &mut Self {
        self.key(key).extend_from_slice(bencoded);
        self
    }

    fn key(&mut self, key: &[u8]) -> &mut Vec<u8> {
        debug_assert!(
            self.before.as_ref().is_none_or(|before| &self.out[before.clone()] < key),
            "dictionary keys have to be written in order"
        );
        write_string(self.out, key);
        self.before = Some(self.out.len() - key.len()..self.out.len());
        self.out
    }
}

impl ListWriter<'_> {
    /// An integer.
    pub fn integer(&mut self, value: i64) -> &mut Self {
        write_integer(self.out, value);
        self
    }

    /// A string.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        write_string(self.out, value);
        self
    }

    /// A dictionary.
    pub fn dict(&mut self, fill: impl FnOnce(&mut DictWriter<'_>)) -> &mut Self {
        write_dict(self.out, fill);
        self
    }

    /// A list in the list.
    pub fn list(&mut self, fill: impl FnOnce(&mut ListWriter<'_>)) -> &mut Self {
        write_list(self.out, fill);
        self
    }
}

fn write_string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(format!("{}:", bytes.len()).as_bytes());
    out.extend_from_slice(bytes);
}

fn write_integer(out: &mut Vec<u8>, value: impl std::fmt::Display) {
    out.extend_from_slice(format!("i{value}e").as_bytes());
}

fn write_dict(out: &mut Vec<u8>, fill: impl FnOnce(&mut DictWriter<'_>)) {
    out.push(b'd');
    fill(&mut DictWriter { out, before: None });
    out.push(b'e');
}

fn write_list(out: &mut Vec<u8>, fill: impl FnOnce(&mut ListWriter<'_>)) {
    out.push(b'l');
    fill(&mut ListWriter { out });
    out.push(b'e');
}
