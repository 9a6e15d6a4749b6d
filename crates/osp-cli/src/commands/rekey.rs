//! `osp rekey`: a new table of keys for a file that is out.

use super::{license, signer};
use crate::{
    args::{Global, sales},
    error::{CliError, Exit},
    output,
};
use osp_node::{
    sales::rekey::{Rekey, Rekeyed, rekey},
    sealed::release::{about::Sale, mint},
    staged,
};
use smsg::v3::key_text::LicenceKey;
use std::path::Path;
use zeroize::Zeroizing;

pub(super) fn run(global: &Global, args: &sales::Rekey) -> Result<(), CliError> {
    let wish = Rekey {
        keep: keys(&args.keep)?,
        mint: args.mint.clone(),
        sale: Sale::parse(&args.kind, None, None)?,
        rewrite: args.out.clone(),
        force: args.force,
    };
    if !args.file.exists() {
        return Err(CliError::file(&args.file, &std::io::ErrorKind::NotFound.into()));
    }
    let kept = license::custody(global)?.named(&args.file.to_string_lossy())?;
    let list = args.keys.as_deref().map(KeyList::make).transpose()?;
    let key = license::unlock(global, &kept, args.artist_id.as_deref())?;
    // On the disk before there is a table with them.
    let mut keep = |keys: &[mint::Minted]| list.as_ref().map_or(Ok(()), |list| list.write(keys));
    let done = rekey(&kept, &key, &args.file, &wish, &signer::now(), &mut keep);
    if let Some(list) = list.filter(|_| done.as_ref().map_or(true, |done| done.minted.is_empty())) {
        list.remove();
    }
    print(global, args, &done?)
}

/// Keys of files: one a line, or the field of a line that is a key, as in the CSV of `osp seal --mint`.
fn keys(paths: &[std::path::PathBuf]) -> Result<Vec<LicenceKey>, CliError> {
    let mut keys: Vec<LicenceKey> = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(path).map_err(|e| CliError::file(path, &e))?;
        let text = Zeroizing::new(text);
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let fields = line.split(',').map(|field| LicenceKey::parse(field.trim().trim_matches('"')));
            let whole = std::iter::once(LicenceKey::parse(line));
            match whole.chain(fields).find_map(Result::ok) {
                Some(key) => keys.push(key),
                // The names of columns.
                None if number == 0 && line.contains(',') => {}
                None => {
                    let place =
                        format!("line {} of {} has no whole licence key", number + 1, output::path(path));
                    return Err(CliError::new(Exit::Bad, "typing_error", place)
                        .hint("«osp key check» says what is wrong with a key"));
                }
            }
        }
    }
    Ok(keys)
}

/// The file for new keys, made before there are any: keys that cannot be written down are lost.
struct KeyList<'p> {
    path: &'p Path,
    file: std::fs::File,
}

impl<'p> KeyList<'p> {
    fn make(path: &'p Path) -> Result<Self, CliError> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(file) => Ok(Self { path, file }),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(CliError::local("exists", format!("{} is there already", output::path(path)))
                    .hint("name another file: keys that were made before are in it"))
            }
            Err(e) => Err(CliError::unwritten(path, &e)),
        }
    }

    fn write(&self, keys: &[mint::Minted]) -> std::io::Result<()> {
        mint::write_csv(keys, &mut &self.file)?;
        self.file.sync_all()?;
        staged::sync_folder(&staged::folder(self.path))
    }

    /// Made by this very command; its keys open nothing.
    fn remove(self) {
        let _ = std::fs::remove_file(self.path);
    }
}

fn print(global: &Global, args: &sales::Rekey, done: &Rekeyed) -> Result<(), CliError> {
    let cid = done.cid.map(|cid| cid.to_string());
    if global.json {
        let shown = args.keys.is_none();
        let keys =
            done.minted.iter().filter(|_| shown).map(
                |minted| serde_json::json!({"serial": minted.serial, "key": minted.key.shown().as_str()}),
            );
        return output::json(&serde_json::json!({
            "path": done.path,
            "seq": done.seq,
            "kept": done.kept,
            "minted": done.minted.len(),
            "leftOut": done.left_out,
            "cid": cid,
            "cidStays": cid.is_none(),
            "keys": keys.collect::<Vec<_>>(),
        }));
    }
    output::line(format_args!(
        "wrote {} (table {}: {} kept, {} new, {} left out)",
        output::path(&done.path),
        done.seq,
        done.kept,
        done.minted.len(),
        done.left_out,
    ))?;
    match &cid {
        None => output::line("the CID stays: the sealed file was not touched")?,
        Some(cid) => output::line(format_args!("the copy has another CID, and the same file id: {cid}"))?,
    }
    if args.keys.is_none() {
        for minted in &done.minted {
            output::line(format_args!("{:>5}  {}", minted.serial, minted.key.shown().as_str()))?;
        }
    }
    let remarks = [
        (
            cid.is_none(),
            "Put the table beside the file wherever it can be downloaded. Keys that are not in it no longer open \
                         the file where it is found; whoever has the file alone can go on using old keys.",
        ),
        (done.passphrases > 0, "Passphrases of the table before are not in the new one."),
    ];
    for (_, remark) in remarks.iter().filter(|(said, _)| *said) {
        output::note(global.quiet, remark);
    }
    Ok(())
}
