//! Skips a slow step whose inputs are as they were: a hash over the names and bytes of the inputs, kept in a
//! file beside the outputs.

use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::run::root;

/// Folders that are outputs or other people's code wherever they are met.
const SKIPPED: [&str; 5] = ["node_modules", "target", "dist", "test-results", "playwright-report"];

/// A hash over inputs. Only ever compared with one made on the same machine.
#[derive(Default)]
pub(crate) struct Fingerprint(DefaultHasher);

impl Fingerprint {
    /// Starts with a text that names the step and everything that is not a file.
    pub(crate) fn new(label: &str) -> Self {
        let mut this = Self::default();
        this.text(label);
        this
    }

    fn text(&mut self, text: &str) {
        self.0.write_usize(text.len());
        self.0.write(text.as_bytes());
    }

    /// Adds a file, or a folder with all that is below it, by its path from the root. One that is not there
    /// counts as absent, which is different from empty.
    pub(crate) fn path(mut self, relative: &str) -> Result<Self> {
        self.add(&root().join(relative))?;
        Ok(self)
    }

    fn add(&mut self, path: &Path) -> Result {
        self.text(&path.to_string_lossy());
        if path.is_dir() {
            for entry in sorted_entries(path)? {
                if !entry.file_name().is_some_and(|name| SKIPPED.iter().any(|skipped| name == *skipped)) {
                    self.add(&entry)?;
                }
            }
        } else if path.is_file() {
            let bytes = fs::read(path).map_err(Error::io("read", path))?;
            self.0.write_usize(bytes.len());
            self.0.write(&bytes);
        } else {
            self.text("absent");
        }
        Ok(())
    }

    /// Whether `stamp` was written for these inputs and every output is there.
    pub(crate) fn is_fresh(&self, stamp: &Path, outputs: &[PathBuf]) -> bool {
        outputs.iter().all(|output| output.exists())
            && fs::read_to_string(stamp).is_ok_and(|kept| kept == self.value())
    }

    /// Writes the stamp, after the outputs are complete.
    pub(crate) fn keep(&self, stamp: &Path) -> Result {
        if let Some(parent) = stamp.parent() {
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        }
        fs::write(stamp, self.value()).map_err(Error::io("write", stamp))
    }

    fn value(&self) -> String {
        format!("{:016x}", self.0.clone().finish())
    }
}

fn sorted_entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let read = fs::read_dir(dir).map_err(Error::io("list", dir))?;
    let mut entries = read
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(Error::io("list", dir))?;
    entries.sort();
    Ok(entries)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(dir: &Path) -> Fingerprint {
        let mut fingerprint = Fingerprint::new("test");
        fingerprint.add(dir).unwrap();
        fingerprint
    }

    #[test]
    fn fresh_until_an_input_changes_or_an_output_goes() {
        let dir = tempfile::tempdir().unwrap();
        let (inputs, stamp, output) =
            (dir.path().join("in"), dir.path().join("stamp"), dir.path().join("out"));
        fs::create_dir(&inputs).unwrap();
        fs::write(inputs.join("a"), "1").unwrap();
        fs::write(&output, "").unwrap();
        let outputs = [output];

        assert!(!of(&inputs).is_fresh(&stamp, &outputs));
        of(&inputs).keep(&stamp).unwrap();
        assert!(of(&inputs).is_fresh(&stamp, &outputs));

        fs::write(inputs.join("a"), "2").unwrap();
        assert!(!of(&inputs).is_fresh(&stamp, &outputs), "a changed byte");
        fs::write(inputs.join("a"), "1").unwrap();
        assert!(of(&inputs).is_fresh(&stamp, &outputs));
        fs::write(inputs.join("b"), "").unwrap();
        assert!(!of(&inputs).is_fresh(&stamp, &outputs), "a new file");
        fs::remove_file(inputs.join("b")).unwrap();
        fs::remove_file(&outputs[0]).unwrap();
        assert!(!of(&inputs).is_fresh(&stamp, &outputs), "a lost output");
    }

    #[test]
    fn moving_bytes_from_one_file_to_the_next_is_a_change() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), "12").unwrap();
        fs::write(dir.path().join("b"), "3").unwrap();
        let before = of(dir.path()).value();
        fs::write(dir.path().join("a"), "1").unwrap();
        fs::write(dir.path().join("b"), "23").unwrap();
        assert_ne!(before, of(dir.path()).value());
    }
}
