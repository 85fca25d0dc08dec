//! A server that is measured, in a process of its own.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{self, BufRead, BufReader},
    net::SocketAddr,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use crate::failed;

#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    child: Child,
    // It may write there as long as it runs.
    _said: BufReader<ChildStdout>,
}

impl Program {
    pub(crate) fn kv_service(log_level: &str) -> io::Result<Self> {
        let mut command = Command::new(env::current_exe()?.with_file_name("kv-service"));
        command.args([
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--log-level",
            log_level,
        ]);
        Self::start(&format!("kv-service, log {log_level}"), &mut command)
    }

    pub(crate) fn bare() -> io::Result<Self> {
        Self::start(
            "bare handler",
            Command::new(env::current_exe()?).arg("bare"),
        )
    }

    /// Where there is a Python that has it.
    pub(crate) fn fastapi() -> io::Result<Option<Self>> {
        let Some(python) = env::var_os("FASTAPI_PYTHON") else {
            return Ok(None);
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/fastapi_service.py");
        Self::start("FastAPI", Command::new(python).arg(OsStr::new(script))).map(Some)
    }

    /// How long it has computed so far, by the kernel's count.
    pub(crate) fn computed(&self) -> io::Result<Duration> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id()))?;
        let mut nanos = 0;
        for thread in threads {
            // One that has just ended has none to read.
            let text = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
            let own = text
                .split(' ')
                .next()
                .and_then(|own| own.parse::<u64>().ok());
            nanos += own.unwrap_or_default();
        }
        Ok(Duration::from_nanos(nanos))
    }

    fn start(name: &str, command: &mut Command) -> io::Result<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = child.stdout.take().ok_or_else(|| failed("no output"))?;
        let mut said = BufReader::new(stdout);
        let mut line = String::new();
        said.read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.and_then(|address| address.parse().ok());
        let address = address.ok_or_else(|| failed(&format!("{name} does not start: {line}")))?;
        Ok(Self {
            name: name.to_owned(),
            address,
            child,
            _said: said,
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
