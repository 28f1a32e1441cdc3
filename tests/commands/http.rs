//! One request, over a port or a socket.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

/// Seconds in which the SDK does its work, children included.
const PATIENCE: Duration = Duration::from_secs(150);

/// Where a server listens.
#[derive(Debug, Clone)]
pub enum Address {
    Port(u16),
    Socket(PathBuf),
}

/// What came of a request.
pub enum Reply {
    /// Nobody listens (yet).
    Nobody,
    /// An answer that is no document of the suite's, or none.
    Other(String),
    Told(Value),
}

/// Asks for `/`.
pub fn ask(address: &Address) -> Reply {
    let reply = match address {
        Address::Port(port) => TcpStream::connect(("127.0.0.1", *port)).map(|stream| {
            stream.set_read_timeout(Some(PATIENCE))?;
            exchange(stream)
        }),
        Address::Socket(path) => UnixStream::connect(path).map(|stream| {
            stream.set_read_timeout(Some(PATIENCE))?;
            exchange(stream)
        }),
    };
    match reply {
        Err(_) => Reply::Nobody,
        Ok(Err(error)) => Reply::Other(format!("no answer: {error}")),
        Ok(Ok(text)) => document(&text).map_or_else(|| Reply::Other(text), Reply::Told),
    }
}

fn exchange(mut stream: impl Read + Write) -> io::Result<String> {
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The document in an answer, also in one that came in chunks.
fn document(answer: &str) -> Option<Value> {
    let body = &answer[answer.find('{')?..=answer.rfind('}')?];
    serde_json::from_str(body).ok()
}
