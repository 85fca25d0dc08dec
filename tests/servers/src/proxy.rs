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
        let (fault, faults) = watch::channel(Fault::None);
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
    faults: watch::Receiver<Fault>,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (client, _) = listener.accept().await?;
        tokio::spawn(connection(client, server, faults.clone()));
    }
}

async fn connection(client: TcpStream, server: SocketAddr, mut faults: watch::Receiver<Fault>) {
    if *faults.borrow_and_update() == Fault::Refuse {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (mut asking, mut answering) = (faults.clone(), faults.clone());
    let refused = async {
        faults
            .wait_for(|fault| *fault == Fault::Refuse)
            .await
            .is_ok()
    };
    // Whichever ends first ends the connection for both.
    tokio::select! {
        _ = requests(from_client, to_server, &mut asking) => {}
        _ = answers(from_server, to_client, &mut answering) => {}
        _ = refused => {}
    }
}

async fn requests(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    faults: &mut watch::Receiver<Fault>,
) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        released(faults).await?;
        to.write_all(buffer.get(..length).unwrap_or_default())
            .await?;
    }
}

async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    faults: &mut watch::Receiver<Fault>,
) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        match released(faults).await? {
            Fault::LoseAnswers | Fault::Refuse => return Ok(()),
            Fault::Delay(time) => sleep(time).await,
            Fault::None | Fault::Hang => {}
        }
        to.write_all(buffer.get(..length).unwrap_or_default())
            .await?;
    }
}

/// Waits while nothing passes.
async fn released(faults: &mut watch::Receiver<Fault>) -> io::Result<Fault> {
    let fault = faults.wait_for(|fault| *fault != Fault::Hang).await;
    fault.map(|fault| *fault).map_err(io::Error::other)
}
