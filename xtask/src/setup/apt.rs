//! Debian packages, where the person running this may install them.

use crate::error::Result;
use crate::run::{Run, which};

/// Installs `packages`, or does nothing where that is not possible: the caller looks again and names what is
/// still missing.
pub(super) fn install(packages: &[&str]) -> Result {
    let Some(prefix) = privilege() else { return Ok(()) };
    // A machine image often has no package lists, or old ones that name versions no longer served.
    if !apt(&prefix, &["install"], packages)? && apt(&prefix, &["update"], &[])? {
        apt(&prefix, &["install"], packages)?;
    }
    Ok(())
}

/// The words in front of apt-get that make it work here: none as root, `sudo -n` where no password is asked.
fn privilege() -> Option<Vec<&'static str>> {
    which("apt-get")?;
    let user = Run::new("id").args(["-u"]).ask().ok()?;
    if user.trim() == "0" {
        return Some(Vec::new());
    }
    which("sudo")?;
    Run::new("sudo").args(["-n", "true"]).ask().ok().map(|_| vec!["sudo", "-n"])
}

fn apt(prefix: &[&'static str], verb: &[&str], packages: &[&str]) -> Result<bool> {
    let mut words = prefix.to_vec();
    words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "--no-install-recommends"]);
    let words = words.iter().chain(verb).chain(packages);
    let mut words = words.copied();
    let program = words.next().unwrap_or("apt-get");
    Run::new(program).args(words).succeeds()
}
