//! A program that runs while the tests do.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use crate::{folder::Folder, listener::listens};

/// How long a program may take until it serves, on a busy machine.
const READY: Duration = Duration::from_secs(90);

/// How often a program is started again: while it was down, somebody else may have taken its
/// port for a connection.
const RESTARTS: usize = 10;

/// A running program with a folder of its own. It ends when this is dropped, and also when
/// the tests are killed.
#[derive(Debug)]
pub struct Process {
    orders: Sender<(Order, Sender<io::Result<()>>)>,
    address: SocketAddr,
    folder: Folder,
}

#[derive(Debug)]
enum Order {
    Start,
    Kill,
}

/// What is started, where it listens, and how it shows that it serves.
struct Program {
    words: Vec<OsString>,
    folder: PathBuf,
    address: SocketAddr,
    is_ready: fn(SocketAddr) -> bool,
}

impl Process {
    /// Starts the program that `command` names, given the port to listen on and a folder, and
    /// waits until `is_ready` says so of the address. Starts anew where somebody else has
    /// taken the port meanwhile.
    pub fn start(
        command: impl Fn(u16, &Path) -> io::Result<Vec<OsString>>,
        is_ready: fn(SocketAddr) -> bool,
    ) -> io::Result<Self> {
        let mut last = None;
        for _ in 0..4 {
            let folder = Folder::new()?;
            let port = crate::free_port()?;
            let words = command(port, folder.path())?;
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            match Self::launch(words, folder, address, is_ready) {
                Ok(process) => return Ok(process),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| io::Error::other("no port is free")))
    }

    fn launch(
        words: Vec<OsString>,
        folder: Folder,
        address: SocketAddr,
        is_ready: fn(SocketAddr) -> bool,
    ) -> io::Result<Self> {
        let (orders, received) = channel();
        let program = Program {
            words,
            folder: folder.path().to_owned(),
            address,
            is_ready,
        };
        // The program is to end with the thread that has started it: one that stays.
        thread::spawn(move || program.keep(&received));
        let process = Self {
            orders,
            address,
            folder,
        };
        process.order(Order::Start)?;
        Ok(process)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The folder that it was given.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it at once, as a failing machine would.
    pub fn kill(&self) -> io::Result<()> {
        self.order(Order::Kill)
    }

    /// Ends it at once and starts it again, with the same port and folder.
    pub fn restart(&self) -> io::Result<()> {
        self.order(Order::Kill)?;
        let mut started = self.order(Order::Start);
        for _ in 1..RESTARTS {
            if started.is_ok() {
                break;
            }
            thread::sleep(Duration::from_millis(500));
            started = self.order(Order::Start);
        }
        started
    }

    fn order(&self, order: Order) -> io::Result<()> {
        let gone = || io::Error::other("the keeper of a program is gone");
        let (answer, answered) = channel();
        self.orders.send((order, answer)).map_err(|_| gone())?;
        answered.recv().map_err(|_| gone())?
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It ends in any case with its keeper.
        let _ = self.kill();
    }
}

impl Program {
    fn keep(&self, orders: &Receiver<(Order, Sender<io::Result<()>>)>) {
        let mut child = None;
        for (order, answer) in orders {
            let done = match order {
                Order::Start => self.begin().map(|started| child = Some(started)),
                Order::Kill => child.take().map_or(Ok(()), end),
            };
            // Who does not wait for the answer does not need it.
            let _ = answer.send(done);
        }
        let _ = child.map_or(Ok(()), end);
    }

    fn begin(&self) -> io::Result<Child> {
        let log = self.folder.join("log");
        let output = File::options().create(true).append(true).open(&log)?;
        let nothing = OsString::new();
        // The kernel ends it with its parent, however that ends.
        let (name, arguments) = self.words.split_first().unwrap_or((&nothing, &[]));
        let program = name.to_str().and_then(crate::program);
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(program.unwrap_or_else(|| name.into()))
            .args(arguments)
            .current_dir(&self.folder)
            .env("HOME", &self.folder)
            .env("TMPDIR", &self.folder)
            // Those in Go live too briefly to clean up as often as they would.
            .env("GOGC", "400")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()?;
        let start = Instant::now();
        loop {
            // Somebody else may serve where it was to listen.
            if listens(child.id(), self.address.port()) && (self.is_ready)(self.address) {
                return Ok(child);
            }
            let status = child.try_wait()?;
            if status.is_none() && start.elapsed() < READY {
                thread::sleep(Duration::from_millis(10));
                continue;
            }
            end(child)?;
            let said = fs::read_to_string(&log).unwrap_or_default();
            let lines: Vec<_> = said.lines().rev().take(20).collect();
            let said: Vec<_> = lines.into_iter().rev().collect();
            let how = status.map_or("did not serve in time".to_owned(), |status| {
                status.to_string()
            });
            return Err(io::Error::other(format!(
                "{}: {how}\n{}",
                name.display(),
                said.join("\n")
            )));
        }
    }
}

fn end(mut child: Child) -> io::Result<()> {
    child.kill()?;
    child.wait()?;
    Ok(())
}
