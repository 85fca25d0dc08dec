//! A connection that fails on demand.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    thread,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime,
    sync::{oneshot, watch},
    time::sleep,
};

/// What happens to what passes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// Nothing: all of it passes.
    None,
    /// Answers come this much later.
    Delay(Duration),
    /// Requests reach the server. Where an answer would pass, the connection ends.
    LoseAnswers,
    /// The next answer is lost, and its connection ends. Then all of it passes again.
    LoseNext,
    /// Nothing passes where connections stand, and nothing ends. Those made later pass.
    Silence,
    /// Nothing passes, and nothing ends. What was held passes when the fault ends.
    Hang,
    /// Connections end at once, those that stand as well.
    Refuse,
}

/// Stands between a provider and its server, and fails as it is told. It has a thread of its
/// own, so that it outlives the runtime of any test.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    fault: watch::Sender<Fault>,
    _over: oneshot::Sender<()>,
}

impl FaultProxy {
    /// A proxy in front of this server, without a fault at first.
    pub fn to(server: SocketAddr) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let fault = watch::Sender::new(Fault::None);
        let faults = fault.clone();
        let (over, is_over) = oneshot::channel::<()>();
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = is_over => {}
                    _ = serve(listener, server, faults) => {}
                }
            });
        });
        Ok(Self {
            address,
            fault,
            _over: over,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What happens from now on.
    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

async fn serve(
    listener: std::net::TcpListener,
    server: SocketAddr,
    faults: watch::Sender<Fault>,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (client, _) = listener.accept().await?;
        tokio::spawn(connection(client, server, faults.clone()));
    }
}

async fn connection(client: TcpStream, server: SocketAddr, fault: watch::Sender<Fault>) {
    let is_late = match *fault.borrow() {
        Fault::Refuse => return,
        fault => fault == Fault::Silence,
    };
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let way = || Way {
        fault: fault.clone(),
        faults: fault.subscribe(),
        is_late,
    };
    let mut faults = fault.subscribe();
    let refused = async {
        faults
            .wait_for(|fault| *fault == Fault::Refuse)
            .await
            .is_ok()
    };
    // Whichever ends first ends the connection for both.
    tokio::select! {
        _ = way().requests(from_client, to_server) => {}
        _ = way().answers(from_server, to_client) => {}
        _ = refused => {}
    }
}

/// One direction of a connection.
struct Way {
    fault: watch::Sender<Fault>,
    faults: watch::Receiver<Fault>,
    /// Whether it was made while others are silent.
    is_late: bool,
}

impl Way {
    async fn requests(mut self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let length = from.read(&mut buffer).await?;
            if length == 0 {
                return Ok(());
            }
            self.released().await?;
            to.write_all(buffer.get(..length).unwrap_or_default())
                .await?;
        }
    }

    async fn answers(mut self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let length = from.read(&mut buffer).await?;
            if length == 0 {
                return Ok(());
            }
            match self.released().await? {
                Fault::LoseAnswers | Fault::Refuse => return Ok(()),
                Fault::LoseNext if self.is_next() => return Ok(()),
                Fault::Delay(time) => sleep(time).await,
                Fault::None | Fault::LoseNext | Fault::Silence | Fault::Hang => {}
            }
            to.write_all(buffer.get(..length).unwrap_or_default())
                .await?;
        }
    }

    /// Waits while nothing passes.
    async fn released(&mut self) -> io::Result<Fault> {
        let is_late = self.is_late;
        let passes = |fault: &Fault| match fault {
            Fault::Hang => false,
            Fault::Silence => is_late,
            _ => true,
        };
        let fault = self.faults.wait_for(passes).await;
        fault.map(|fault| *fault).map_err(io::Error::other)
    }

    /// Whether this is the answer to lose, of all that come at once.
    fn is_next(&self) -> bool {
        self.fault.send_if_modified(|fault| {
            let is_next = *fault == Fault::LoseNext;
            if is_next {
                *fault = Fault::None;
            }
            is_next
        })
    }
}
