//! A proxy between client and server that counts what the client asks, and does something at the n-th request: every
//! moment at which a connection, a session or a process can end is reached by counting.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use viewkeeper_live::testing::TestDatabase;

/// What happens at a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing: requests are only counted.
    None,
    /// The connection is cut, and the server never sees the request.
    CutBefore,
    /// The server gets the request, and the client never sees the answer.
    CutAfter,
    /// The callback runs, then the request goes on: the server's session may be gone by then.
    Callback,
}

type Callback = Box<dyn FnMut(&Session) + Send>;

/// What the proxy does with the connections that come.
struct Plan {
    fault: Fault,
    /// At which request; they are counted from 1, over all connections since [`Proxy::arm`].
    at: usize,
    seen: usize,
    callback: Option<Callback>,
}

/// A connection, for callbacks.
pub(crate) struct Session {
    /// The server's process.
    pub(crate) process: i32,
}

pub(crate) struct Proxy {
    port: u16,
    database: String,
    plan: Arc<Mutex<Plan>>,
}

impl Proxy {
    /// In front of a database behind a socket, until the process ends.
    pub(crate) fn start(socket: String, database: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let plan = Arc::new(Mutex::new(Plan { fault: Fault::None, at: 0, seen: 0, callback: None }));
        let shared = Arc::clone(&plan);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (plan, socket) = (Arc::clone(&shared), socket.clone());
                // A server that does not listen ends the connection, as it would without a proxy.
                std::thread::spawn(move || UnixStream::connect(socket).map(|server| carry(client, server, &plan)));
            }
        });
        Self { port, database: database.to_owned(), plan }
    }

    pub(crate) fn of(database: &TestDatabase) -> Self {
        let url = database.url();
        let directory = url.split("host=").nth(1).and_then(|rest| rest.split('&').next()).unwrap().replace("%2F", "/");
        Self::start(format!("{directory}/.s.PGSQL.5432"), database.name())
    }

    pub(crate) fn url(&self) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{}?sslmode=disable", self.port, self.database)
    }

    pub(crate) fn arm(&self, fault: Fault, at: usize) {
        *lock(&self.plan) = Plan { fault, at, seen: 0, callback: None };
    }

    pub(crate) fn arm_callback(&self, at: usize, callback: impl FnMut(&Session) + Send + 'static) {
        *lock(&self.plan) = Plan { fault: Fault::Callback, at, seen: 0, callback: Some(Box::new(callback)) };
    }

    /// How many requests came since it was armed.
    pub(crate) fn seen(&self) -> usize {
        lock(&self.plan).seen
    }
}

fn lock(plan: &Mutex<Plan>) -> MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Carries one connection until one side ends.
fn carry(client: TcpStream, server: UnixStream, plan: &Mutex<Plan>) {
    let _ = client.set_nodelay(true);
    let (mut to_client, mut from_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let process = Arc::new(Mutex::new(0));
    // Set where the server's next words must not reach the client.
    let muted = Arc::new(Mutex::new(false));
    let (process_seen, is_muted) = (Arc::clone(&process), Arc::clone(&muted));
    let back = std::thread::spawn(move || {
        let mut buffer = [0; 65536];
        let mut head = Vec::new();
        while let Ok(length @ 1..) = from_server.read(&mut buffer) {
            let words = &buffer[..length];
            if *process_seen.lock().unwrap() == 0 {
                head.extend_from_slice(words);
                if let Some(number) = backend_key(&head) {
                    *process_seen.lock().unwrap() = number;
                }
            }
            if *is_muted.lock().unwrap() || to_client.write_all(words).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
        let _ = from_server.shutdown(Shutdown::Both);
    });
    let _ = requests(client.try_clone().unwrap(), server.try_clone().unwrap(), plan, &process, &muted);
    let _ = server.shutdown(Shutdown::Both);
    if *muted.lock().unwrap() {
        let _ = client.shutdown(Shutdown::Both);
    }
    drop(back.join());
}

/// The client's messages. A simple query and a `Sync` are requests that the server answers.
fn requests(
    mut client: TcpStream,
    mut server: UnixStream,
    plan: &Mutex<Plan>,
    process: &Mutex<i32>,
    muted: &Mutex<bool>,
) -> std::io::Result<()> {
    let mut length = [0; 4];
    client.read_exact(&mut length)?;
    server.write_all(&length)?;
    pass(&mut client, &mut server, length)?;
    loop {
        let mut kind = [0; 1];
        client.read_exact(&mut kind)?;
        client.read_exact(&mut length)?;
        let mut fault = Fault::None;
        if matches!(kind[0], b'Q' | b'S') {
            let mut plan = lock(plan);
            plan.seen += 1;
            if plan.seen == plan.at {
                fault = plan.fault;
                if let Some(callback) = &mut plan.callback {
                    callback(&Session { process: *process.lock().unwrap() });
                }
            }
        }
        if fault == Fault::CutBefore {
            return client.shutdown(Shutdown::Both);
        }
        if fault == Fault::CutAfter {
            *muted.lock().unwrap() = true;
        }
        server.write_all(&kind)?;
        server.write_all(&length)?;
        pass(&mut client, &mut server, length)?;
    }
}

/// Passes a message's body on; the length counts itself.
fn pass(client: &mut TcpStream, server: &mut UnixStream, length: [u8; 4]) -> std::io::Result<()> {
    let mut body = vec![0; u32::from_be_bytes(length) as usize - 4];
    client.read_exact(&mut body)?;
    server.write_all(&body)
}

/// The process number of `BackendKeyData`, once it has come.
fn backend_key(mut head: &[u8]) -> Option<i32> {
    loop {
        let length = u32::from_be_bytes(head.get(1..5)?.try_into().ok()?) as usize;
        if head[0] == b'K' {
            return Some(i32::from_be_bytes(head.get(5..9)?.try_into().ok()?));
        }
        head = head.get(1 + length..)?;
    }
}
