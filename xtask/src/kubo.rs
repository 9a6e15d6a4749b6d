//! Kubo, the reference implementation of IPFS, built from source with the machine's own Go: a peer of the
//! interoperability tests and of the figures.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::run::{Run, target_dir, which};

/// The module. 0.41 is the first that Go 1.26 compiles.
const KUBO: &str = "github.com/ipfs/kubo@v0.41.0";

/// The program: `KUBO`, else the one built here, which takes minutes the first time. `None` where there is no Go
/// or the build fails; the tests with it are then skipped and say so.
pub(crate) fn kubo() -> Result<Option<PathBuf>> {
    if let Some(path) = std::env::var_os("KUBO") {
        return Ok(Some(path.into()));
    }
    let folder = target_dir().join("interop");
    let program = folder.join("bin/ipfs");
    if program.is_file() {
        return Ok(Some(program));
    }
    if which("go").is_none() {
        eprintln!("Kubo is skipped: there is no Go to build it with (or set KUBO to an ipfs program)");
        return Ok(None);
    }
    let go = |args: &[&str]| {
        Run::new("nice")
            .args(["go"])
            .args(args)
            .env("GOFLAGS", "-modcacherw")
            .env("GOMODCACHE", folder.join("gomod"))
            .env("GOCACHE", folder.join("gocache"))
    };
    // Not `go install`: it also asks for the list of all versions, which not every proxy serves.
    let built =
        go(&["mod", "download", "-json", KUBO]).dir(std::env::temp_dir()).output().and_then(|module| {
            let source = source_folder(&module)
                .ok_or_else(|| Error::Unexpected(format!("go mod download named no folder: {module}")))?;
            go(&["build", "-o", &program.to_string_lossy(), "./cmd/ipfs"]).dir(source).go()
        });
    if let Err(error) = built {
        eprintln!("Kubo is skipped: {error}");
        return Ok(None);
    }
    Ok(Some(program))
}

/// `Dir` of what `go mod download -json` prints, one member a line.
fn source_folder(json: &str) -> Option<&str> {
    json.lines().find_map(|line| line.trim().strip_prefix("\"Dir\": \"")?.split('"').next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_module_is_found() {
        let json = "{\n\t\"Path\": \"example.org/m\",\n\t\"Dir\": \"/cache/example.org/m@v1.0.0\",\n\t\"Sum\": \"x\"\n}";
        assert_eq!(source_folder(json), Some("/cache/example.org/m@v1.0.0"));
        assert_eq!(source_folder("{}"), None);
    }
}
