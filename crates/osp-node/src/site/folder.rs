//! A folder that an export keeps up to date. What others put there is neither changed nor removed: the manifest names what is
//! ours. Each file appears whole or not at all, and one that has not changed keeps its time, so that rsync and the like have little
//! to do.
//!
//! A new name is written into [`BEGUN`] before its file is, so that an export that was broken off is known as ours by the next.
//! While one writes, it has the lock of that file: two at once would each take the other's files for leftovers.

use super::{ExportError, MANIFEST, Report};
use crate::{
    Node,
    staged::{Staged, folder, is_staged},
};
use osp_store::{BlobMeta, blob::MAX_READ};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    fs::{self, File, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

/// Names of files that an export has begun to write and that are not in the manifest yet, a line each; gone when it is done.
const BEGUN: &str = ".osp-site.begun";

/// The list of what is ours.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Manifest {
    /// 1.
    version: u32,
    /// Paths below the folder, with slashes.
    files: BTreeSet<String>,
}

/// The folder.
pub(super) struct Folder {
    root: PathBuf,
    before: BTreeSet<String>,
    now: BTreeSet<String>,
    /// [`BEGUN`], open and locked.
    begun: File,
    report: Report,
}

impl Folder {
    /// Takes a new or empty folder, or one of an earlier export.
    ///
    /// # Errors
    /// [`ExportError::NotOurs`], [`ExportError::Manifest`], [`ExportError::Busy`], [`ExportError::Io`]; nothing is changed then.
    pub(super) fn open(root: &Path) -> Result<Self, ExportError> {
        let fail = |source| ExportError::Io { path: root.to_owned(), source };
        if !is_known(root).map_err(fail)? {
            return Err(ExportError::NotOurs(root.to_owned()));
        }
        fs::create_dir_all(root).map_err(fail)?;
        let mut begun =
            File::options().create(true).read(true).append(true).open(root.join(BEGUN)).map_err(fail)?;
        match begun.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ExportError::Busy(root.to_owned())),
            Err(TryLockError::Error(source)) => return Err(fail(source)),
        }
        let left = names(&mut begun).map_err(fail)?;
        let path = root.join(MANIFEST);
        let mut before = match fs::read(&path) {
            Ok(bytes) => earlier(&bytes).map_err(|reason| {
                // Nothing is changed: it comes back when there is something to write.
                if left.is_empty() {
                    let _ = fs::remove_file(root.join(BEGUN));
                }
                ExportError::Manifest { path, reason }
            })?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => BTreeSet::new(),
            Err(e) => return Err(fail(e)),
        };
        sweep(root, &left);
        before.extend(left);
        let (root, now) = (root.to_owned(), BTreeSet::new());
        let folder = Self { root, before, now, begun, report: Report::default() };
        // From here on the folder is known as ours, whatever happens.
        folder.write_manifest(&folder.before)?;
        Ok(folder)
    }

    /// A file with these bytes.
    ///
    /// # Errors
    /// [`ExportError::Io`].
    pub(super) fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), ExportError> {
        if !self.now.insert(path.to_owned()) {
            return Ok(());
        }
        let target = self.root.join(path);
        let fail = |source| ExportError::Io { path: target.clone(), source };
        if same(&target, bytes).map_err(fail)? || self.is_foreign(path, &target) {
            return Ok(());
        }
        self.begin(path).and_then(|()| write(&target, |file| file.write_all(bytes))).map_err(fail)?;
        self.report.written += 1;
        self.report.bytes += bytes.len() as u64;
        Ok(())
    }

    /// A file with stored content. Its name is that of the content, so one of the same size is the same.
    ///
    /// # Errors
    /// [`ExportError`].
    pub(super) async fn copy(
        &mut self,
        node: &Node,
        path: &str,
        blob: &BlobMeta,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), ExportError> {
        if !self.now.insert(path.to_owned()) {
            return Ok(());
        }
        let target = self.root.join(path);
        let fail = |source| ExportError::Io { path: target.clone(), source };
        let there = fs::symlink_metadata(&target).ok().filter(fs::Metadata::is_file);
        if there.is_some_and(|meta| meta.len() == blob.size) || self.is_foreign(path, &target) {
            return Ok(());
        }
        let mut staged = self.begin(path).and_then(|()| begin(&target)).map_err(fail)?;
        let mut at = 0;
        while at < blob.size {
            let end = (at + MAX_READ).min(blob.size);
            let bytes = node.blobs().read(blob, at..end).await?;
            staged.file().write_all(&bytes).map_err(fail)?;
            at = end;
            progress(at);
        }
        staged.finish().and_then(|finished| finished.place(&target, true)).map_err(fail)?;
        self.report.written += 1;
        self.report.bytes += blob.size;
        Ok(())
    }

    /// Writes down that a file of this name is about to be ours.
    fn begin(&mut self, path: &str) -> io::Result<()> {
        if self.before.contains(path) {
            return Ok(());
        }
        self.begun.write_all(format!("{path}\n").as_bytes())
    }

    /// Whether somebody else's file is at this place; it stays, and is told of.
    fn is_foreign(&mut self, path: &str, target: &Path) -> bool {
        let foreign = !self.before.contains(path) && fs::symlink_metadata(target).is_ok();
        if foreign {
            self.now.remove(path);
            self.report.kept.push(path.to_owned());
        }
        foreign
    }

    /// Removes what an earlier export wrote and this one did not.
    ///
    /// # Errors
    /// [`ExportError::Io`].
    pub(super) fn finish(mut self) -> Result<Report, ExportError> {
        for path in self.before.difference(&self.now) {
            let target = self.root.join(path);
            match fs::remove_file(&target) {
                Ok(()) => self.report.removed += 1,
                Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
                Err(source) => return Err(ExportError::Io { path: target, source }),
            }
            // Folders that are empty now; one that is not stays.
            let parents = target.ancestors().skip(1).take_while(|parent| *parent != self.root);
            for parent in parents {
                if fs::remove_dir(parent).is_err() {
                    break;
                }
            }
        }
        self.write_manifest(&self.now)?;
        let begun = self.root.join(BEGUN);
        match fs::remove_file(&begun) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(ExportError::Io { path: begun, source });
            }
            _ => {}
        }
        self.report.files = self.now.len() as u64;
        Ok(self.report)
    }

    fn write_manifest(&self, files: &BTreeSet<String>) -> Result<(), ExportError> {
        let target = self.root.join(MANIFEST);
        let fail = |source| ExportError::Io { path: target.clone(), source };
        let manifest = Manifest { version: 1, files: files.clone() };
        let bytes = serde_json::to_vec_pretty(&manifest).expect("texts are JSON");
        if same(&target, &bytes).map_err(fail)? {
            return Ok(());
        }
        write(&target, |file| file.write_all(&bytes)).map_err(fail)
    }
}

/// Whether the folder is one of an earlier export, or nobody's yet: empty, or not there.
fn is_known(root: &Path) -> io::Result<bool> {
    if fs::exists(root.join(MANIFEST))? {
        return Ok(true);
    }
    match fs::read_dir(root) {
        // One that was broken off at its very beginning has written nothing else.
        Ok(entries) => {
            Ok(entries.collect::<io::Result<Vec<_>>>()?.iter().all(|entry| entry.file_name() == BEGUN))
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(e) => Err(e),
    }
}

/// What an earlier export wrote. A list is only a file, and may have come from anywhere: names that no export of ours makes
/// would let it remove what is elsewhere.
fn earlier(manifest: &[u8]) -> Result<BTreeSet<String>, String> {
    let manifest: Manifest = serde_json::from_slice(manifest).map_err(|e| e.to_string())?;
    if manifest.version != 1 {
        return Err(format!("it is of version {}, which this program does not know", manifest.version));
    }
    match manifest.files.iter().find(|path| !is_ours(path)) {
        Some(path) => Err(format!("it names {path:?}")),
        None => Ok(manifest.files),
    }
}

/// What an export that was broken off had begun. A last line that is not whole was never followed by its file.
fn names(begun: &mut File) -> io::Result<Vec<String>> {
    let mut bytes = Vec::new();
    begun.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    Ok(whole.lines().filter(|path| is_ours(path)).map(str::to_owned).collect())
}

/// Removes what an export that was broken off had written without a name yet. What cannot be removed stays: it harms nobody.
fn sweep(root: &Path, begun: &[String]) {
    let folders: BTreeSet<PathBuf> = begun.iter().map(|path| folder(&root.join(path))).collect();
    for entry in folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten() {
        if entry.file_name().to_str().is_some_and(is_staged)
            && entry.file_type().is_ok_and(|kind| kind.is_file())
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a path below the folder is one that exports make.
fn is_ours(path: &str) -> bool {
    path.split('/').all(|part| {
        let letters = part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        !part.is_empty() && part != "." && part != ".." && letters
    })
}

/// Whether the file has these bytes already.
fn same(target: &Path, bytes: &[u8]) -> io::Result<bool> {
    match fs::symlink_metadata(target) {
        Ok(meta) if meta.is_file() && meta.len() == bytes.len() as u64 => {}
        Ok(_) => return Ok(false),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(false);
        }
        Err(e) => return Err(e),
    }
    let mut there = Vec::with_capacity(bytes.len());
    File::open(target)?.read_to_end(&mut there)?;
    Ok(there == bytes)
}

fn begin(target: &Path) -> io::Result<Staged> {
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    Staged::beside(target)
}

/// Pages can be made again: they are not waited for until they are on the disk.
fn write(target: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut staged = begin(target)?;
    fill(staged.file())?;
    staged.close().place(target, true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_list_cannot_name_what_is_elsewhere() {
        for path in ["../x", "/etc/passwd", "a/../../b", "a//b", "", "a\\b", "C:x", "."] {
            let list = serde_json::json!({"version": 1, "files": [path]}).to_string();
            assert!(earlier(list.as_bytes()).is_err(), "{path}");
        }
        let list = br#"{"version": 1, "files": ["track/bafk.html", ".nojekyll", "assets/main-a_b.js"]}"#;
        assert_eq!(earlier(list).unwrap().len(), 3);
        assert!(earlier(br#"{"version": 2, "files": []}"#).is_err());
    }

    #[test]
    fn what_has_not_changed_is_not_touched_and_what_others_put_there_stays() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("site");
        let mut folder = Folder::open(&root).unwrap();
        folder.put("a/one.html", b"one").unwrap();
        folder.put("two.html", b"two").unwrap();
        assert_eq!(folder.finish().unwrap().written, 2);

        fs::write(root.join("CNAME"), "max.example").unwrap();
        fs::write(root.join("404.html"), "mine").unwrap();
        let mut folder = Folder::open(&root).unwrap();
        folder.put("two.html", b"two").unwrap();
        folder.put("404.html", b"ours").unwrap();
        let report = folder.finish().unwrap();
        assert_eq!((report.written, report.removed, report.files), (0, 1, 1));
        assert_eq!(report.kept, ["404.html"]);
        assert!(!root.join("a").exists(), "an empty folder of ours goes with its last file");
        assert_eq!(fs::read_to_string(root.join("404.html")).unwrap(), "mine");
        assert!(root.join("CNAME").exists());
    }

    #[test]
    fn an_export_that_was_broken_off_is_gone_on_with() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("site");
        let mut folder = Folder::open(&root).unwrap();
        folder.put("index.html", b"one track").unwrap();
        folder.put("track/a.html", b"a").unwrap();
        drop(folder);
        fs::write(root.join("track/.osp-a1B2c3"), "half of it").unwrap();
        let mut cut = File::options().append(true).open(root.join(BEGUN)).unwrap();
        cut.write_all(b"mine.html\n../up.html\nCNA").unwrap();
        fs::write(root.join("CNA"), "mine").unwrap();
        let mut folder = Folder::open(&root).unwrap();
        folder.put("index.html", b"two tracks").unwrap();
        let report = folder.finish().unwrap();
        assert_eq!((report.written, report.removed, report.kept.len()), (1, 1, 0));
        assert_eq!(fs::read_to_string(root.join("index.html")).unwrap(), "two tracks");
        assert!(!root.join("track").exists() && !root.join(BEGUN).exists() && root.join("CNA").exists());
    }

    #[test]
    fn two_at_once_are_one_after_the_other() {
        let dir = tempfile::tempdir().unwrap();
        let first = Folder::open(dir.path()).unwrap();
        assert!(matches!(Folder::open(dir.path()), Err(ExportError::Busy(_))));
        first.finish().unwrap();
        Folder::open(dir.path()).unwrap();
    }

    #[test]
    fn a_folder_of_somebody_else_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("thesis.txt"), "x").unwrap();
        assert!(matches!(Folder::open(dir.path()), Err(ExportError::NotOurs(_))));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(matches!(Folder::open(&dir.path().join("thesis.txt")), Err(ExportError::Io { .. })));
    }
}
