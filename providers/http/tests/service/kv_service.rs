//! The program, started for a test and ended with it.

use std::{
    env,
    fs::{self, File},
    io::{BufRead, BufReader, Lines},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::connection::{Connection, Reply};

/// How long it may take to start or to end on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct KvService {
    child: Child,
    address: SocketAddr,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    folder: TempDir,
    // It may write there as long as it runs.
    _said: Lines<BufReader<ChildStdout>>,
}

impl KvService {
    /// Starts it with these arguments, in a folder of its own.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[])
    }

    /// Starts it with these variables besides.
    pub(crate) fn start_with(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let arguments: Vec<_> = arguments.iter().map(|&word| word.to_owned()).collect();
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment: Vec<_> = environment.iter().map(owned).collect();
        let folder = tempfile::tempdir().unwrap();
        let (child, address, said) = launch(0, &arguments, &environment, folder.path())
            .unwrap_or_else(|| panic!("{}", log(folder.path())));
        Self {
            child,
            address,
            arguments,
            environment,
            folder,
            _said: said,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has written to the standard error.
    pub(crate) fn log(&self) -> String {
        log(self.folder.path())
    }

    /// Asks it on a connection of its own.
    pub(crate) fn ask(&self, head: &str, body: &str) -> Reply {
        Connection::to(self.address).ask(head, body)
    }

    /// Tells it to end.
    pub(crate) fn stop(&self) {
        let pid = self.child.id().to_string();
        let told = Command::new("sh")
            .args(["-c", "kill -TERM \"$0\"", &pid])
            .status();
        assert!(told.unwrap().success());
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "it does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Kills it, and starts it again at the same address with the same folder.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let start = Instant::now();
        // Somebody else may have the port for a while.
        let (child, _, said) = loop {
            let port = self.address.port();
            let launched = launch(port, &self.arguments, &self.environment, self.folder.path());
            match launched {
                Some(launched) => break launched,
                None => assert!(start.elapsed() < PATIENCE, "{}", self.log()),
            }
        };
        (self.child, self._said) = (child, said);
    }

    /// How much memory it holds, in bytes.
    pub(crate) fn resident(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        kibibytes.unwrap().parse::<usize>().unwrap() << 10
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for KvService {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The program with these arguments. It ends with the thread that starts it, however that ends.
pub(crate) fn command(arguments: &[String], environment: &[(String, String)]) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", env!("CARGO_BIN_EXE_kv-service")])
        .args(arguments)
        .env_clear()
        .envs(env::var_os("PATH").map(|path| ("PATH", path)))
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null());
    command
}

fn launch(
    port: u16,
    arguments: &[String],
    environment: &[(String, String)],
    folder: &Path,
) -> Option<(Child, SocketAddr, Lines<BufReader<ChildStdout>>)> {
    let log = File::options()
        .create(true)
        .append(true)
        .open(folder.join("log"));
    let mut child = command(arguments, environment)
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(log.unwrap())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let Some(Ok(line)) = said.next() else {
        child.wait().unwrap();
        return None;
    };
    let address = line.strip_prefix("listening on http://").unwrap();
    Some((child, address.parse().unwrap(), said))
}

fn log(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap()
}
