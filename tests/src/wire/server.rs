//! A server of its own for each mutant: it ends when it is dropped.

use std::{
    io::{self, BufReader},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use super::{
    Fault,
    keys::Keys,
    message::{Framing, Request},
};

/// A service in memory, on a port of its own.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    has_ended: Arc<AtomicBool>,
    keys: Arc<Keys>,
}

impl Server {
    /// Serves with this fault, or without one.
    ///
    /// # Errors
    ///
    /// Where there is no port.
    pub fn start(fault: Option<Fault>) -> io::Result<Self> {
        Self::serving(fault, Framing::Length)
    }

    /// Serves without a fault, and ends its answers in this way.
    ///
    /// # Errors
    ///
    /// Where there is no port.
    pub fn framing(framing: Framing) -> io::Result<Self> {
        Self::serving(None, framing)
    }

    fn serving(fault: Option<Fault>, framing: Framing) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let has_ended = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&has_ended);
        let keys = Arc::new(Keys::new(fault));
        let served = Arc::clone(&keys);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let keys = Arc::clone(&served);
                // A connection that breaks is the affair of the client.
                thread::spawn(move || serve(stream, &keys, framing).ok());
            }
        });
        Ok(Self {
            address,
            has_ended,
            keys,
        })
    }

    /// The keys that are there.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.keys.names()
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.has_ended.store(true, Ordering::Relaxed);
        // The listener looks only when somebody comes.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(stream: TcpStream, keys: &Keys, framing: Framing) -> io::Result<()> {
    let _ = stream.set_nodelay(true);
    let mut writer = stream.try_clone()?;
    let mut stream = BufReader::new(stream);
    while let Some(request) = Request::read(&mut stream, keys.fault)? {
        let answer = keys.answer(&request);
        let has_body = request.method != "HEAD" || keys.has(Fault::HeadHasABody);
        answer.write(&mut writer, framing, has_body)?;
        let closes = request.header("connection") == Some("close") || framing == Framing::End;
        if closes || request.announced.is_some() {
            break;
        }
    }
    Ok(())
}
