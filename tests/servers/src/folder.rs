//! What a program writes, and who removes it.

use std::{
    env, io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rustix::fs::statvfs;
use tempfile::TempDir;

/// Where files are kept in memory. Nobody needs what a server of the tests has written once
/// they are over, and on a disk they would mostly wait for that.
const MEMORY: &str = "/dev/shm";

/// How much has to be free there.
const ENOUGH: u64 = 2 << 30;

/// Waits for the end of its input. What is still being written is removed a little later.
const SWEEP: &str = r#"
    trap "" HUP INT TERM
    cat
    rm -rf "$0" 2>/dev/null || { sleep 1; rm -rf "$0"; }
"#;

/// A folder that is removed when this is dropped, and also when the tests are killed.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    sweeper: Child,
}

impl Folder {
    /// An empty folder: where `TMPDIR` says, or in memory, or on the disk.
    pub(crate) fn new() -> io::Result<Self> {
        let folder = match env::var_os("TMPDIR").is_none() && has_room(MEMORY) {
            true => TempDir::new_in(MEMORY)?,
            false => TempDir::new()?,
        };
        // However this process ends, that input ends with it.
        let sweeper = Command::new("sh")
            .args(["-c", SWEEP])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        Ok(Self {
            path: folder.keep(),
            sweeper,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // This ends its input first.
        let _ = self.sweeper.wait();
    }
}

fn has_room(folder: &str) -> bool {
    statvfs(folder).is_ok_and(|space| space.f_bavail.saturating_mul(space.f_frsize) >= ENOUGH)
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{BufRead, BufReader, stdin},
        thread,
        time::Duration,
    };

    use super::*;

    /// Set for the process that is killed.
    const HOLDER: &str = "TCK_HOLDS_A_FOLDER";

    #[test]
    fn a_folder_goes_when_it_is_dropped() -> io::Result<()> {
        let folder = Folder::new()?;
        let path = folder.path().to_owned();
        fs::write(path.join("data"), "1")?;
        drop(folder);
        assert!(!path.exists());
        Ok(())
    }

    #[test]
    fn a_folder_goes_when_its_process_is_killed() -> io::Result<()> {
        if env::var_os(HOLDER).is_some() {
            let folder = Folder::new()?;
            fs::write(folder.path().join("data"), "1")?;
            println!("folder {}", folder.path().display());
            stdin().read_line(&mut String::new())?;
            return Ok(());
        }
        let mut process = Command::new(env::current_exe()?)
            .args(["--exact", "--nocapture"])
            .arg("folder::tests::a_folder_goes_when_its_process_is_killed")
            .env(HOLDER, "")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let said = process.stdout.take().map(BufReader::new);
        let lines = said.into_iter().flat_map(BufRead::lines);
        let path = lines.map_while(Result::ok).find_map(|line| {
            let (_, path) = line.split_once("folder ")?;
            Some(PathBuf::from(path))
        });
        process.kill()?;
        process.wait()?;
        let path = path.ok_or_else(|| io::Error::other("no folder was made"))?;
        while path.exists() {
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}
