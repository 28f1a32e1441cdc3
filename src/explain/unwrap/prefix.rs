//! What stands before a message: a service, a pod, a stream, a process, a time. One layer at a time.

use super::bare_message::Message;
use super::layer::{Layer, is_of_a_name};
use super::level::Level;
use super::relay;
use super::syslog::{is_uptime, syslog, syslog_number, unix};
use super::time::time;

/// How many layers are taken off: more are no log's.
const LAYERS: usize = 8;

/// Takes off what is not the logger's own.
pub fn layers(line: &[u8]) -> Message<'_> {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    let mut message = Message { text: line, ..Message::default() };
    for _ in 0..LAYERS {
        if !peel(&mut message) {
            break;
        }
    }
    message
}

/// Takes the outermost layer off, if there is one.
fn peel(message: &mut Message) -> bool {
    let text = message.text;
    let layer = match text.first() {
        Some(b'[') => bracketed(text).or_else(|| relay::rank(text)),
        Some(b'(') => ray(text),
        Some(b'<') => syslog_number(text),
        Some(b' ') => group(text).or_else(|| relay::numbered(text)),
        Some(b'0'..=b'9') => {
            let numbered = || relay::number(text).or_else(|| relay::numbered(text));
            named(text).or_else(|| unix(text)).or_else(|| relay::grep(text)).or_else(numbered)
        }
        Some(b'/' | b'.') => relay::grep(text),
        Some(byte) if byte.is_ascii_alphabetic() => {
            named(text).or_else(|| relay::pod(text)).or_else(|| relay::grep(text))
        }
        _ => relay::marked(text),
    };
    let Some(Layer { source, level, rest, is_time }) = layer else { return false };
    if message.source.is_empty() {
        message.source = source;
    } else if !source.is_empty() {
        message.inner = source;
    }
    message.has_header |= is_time;
    if level != Level::Unknown {
        message.level = level;
    }
    message.text = rest;
    true
}

/// The tag of an entry in the files of containerd and CRI-O: its stream, whether the message goes on in the next one, and the
/// message.
pub fn container_entry(line: &[u8]) -> Option<(&[u8], bool, &[u8])> {
    if line.get(10) != Some(&b'T') || line.get(4) != Some(&b'-') {
        return None;
    }
    let rest = line.get(time(line)? + 1..)?;
    let (stream, rest) = rest.split_at_checked(7)?;
    if stream != b"stdout " && stream != b"stderr " {
        return None;
    }
    let end = rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len());
    let is_cut = match rest[..end].split(|byte| *byte == b':').next()? {
        b"P" => true,
        b"F" => false,
        _ => return None,
    };
    Some((&stream[..6], is_cut, rest.get(end + 1..).unwrap_or_default()))
}

/// A time, or who wrote it.
fn named(text: &[u8]) -> Option<Layer<'_>> {
    timed(text).or_else(|| compose(text)).or_else(|| relay::job(text))
}

/// `name-1  | `, Swarm's `name.1.id@node    | `, pm2's `0|name  | `.
fn compose(text: &[u8]) -> Option<Layer<'_>> {
    let number = text.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let start = if number > 0 && text.get(number) == Some(&b'|') { number + 1 } else { 0 };
    let is_of_it = |byte: &&u8| is_of_a_name(**byte) || **byte == b'@';
    let length = start + text[start..].iter().take(100).take_while(is_of_it).count();
    let (name, rest) = text.split_at(length);
    let blanks = rest.iter().take(64).take_while(|byte| **byte == b' ').count();
    let rest = match &rest[blanks..] {
        [b'|'] => &[][..],
        [b'|', b' ', rest @ ..] => rest,
        _ => return None,
    };
    let is_name = blanks > 0 && Level::named(name).is_none() && name.iter().any(u8::is_ascii_alphabetic);
    is_name.then(|| Layer::of(name, rest))
}

/// `    | `, before what is in an exception group.
fn group(text: &[u8]) -> Option<Layer<'_>> {
    let rest = text.trim_ascii_start();
    match rest {
        [b'|', b' ', rest @ ..] if text.len() - rest.len() < 40 => Some(Layer::of(&[], rest)),
        _ => None,
    }
}

/// A time, and what syslog and containers put behind it.
fn timed(text: &[u8]) -> Option<Layer<'_>> {
    if let Some((stream, _, rest)) = container_entry(text) {
        return Some(Layer { is_time: true, ..Layer::of(stream, rest) });
    }
    let length = time(text)?;
    let rest = &text[length..];
    let (source, rest) = match rest {
        [b' ', b'|', b' ', rest @ ..] => (&[][..], rest),
        [b' ', rest @ ..] => {
            let is_own = text[0].is_ascii_alphabetic();
            syslog(rest, is_own).or_else(|| relay::gitlab(rest)).unwrap_or((&[], rest))
        }
        [] | [b':', b' ', b'A'..=b'Z', b' ', ..] => (&rest[..0], rest),
        [b':', b' ', rest @ ..] => (&rest[..0], rest),
        _ => return None,
    };
    Some(Layer { is_time: true, ..Layer::of(source, rest) })
}

/// `(pid=77) `, `(raylet) `, `(Actor pid=77, ip=10.0.0.1) `.
fn ray(text: &[u8]) -> Option<Layer<'_>> {
    let close = text.iter().take(120).position(|byte| *byte == b')')?;
    let inside = &text[1..close];
    let is_ray = memchr::memmem::find(inside, b"pid=").is_some()
        || [&b"raylet"[..], b"gcs_server", b"autoscaler"].iter().any(|name| inside.starts_with(name));
    let rest = text[close + 1..].strip_prefix(b" ")?;
    is_ray.then(|| Layer::of(inside, rest))
}

/// `[pod/name/container] `, `[2025-06-11 10:02:07 +0000] `, Celery's `[time: LEVEL/Process] `, the kernel's `[  12.345678] `.
fn bracketed(text: &[u8]) -> Option<Layer<'_>> {
    let close = text.iter().take(160).position(|byte| *byte == b']')?;
    let inside = &text[1..close];
    let rest = &text[close + 1..];
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    if inside.starts_with(b"pod/") {
        return Some(Layer::of(inside, rest));
    }
    if is_uptime(inside) {
        let (source, rest) = syslog(rest, false).unwrap_or((b"kernel", rest));
        return Some(Layer { is_time: true, ..Layer::of(source, rest) });
    }
    let length = time(inside)?;
    let source = match &inside[length..] {
        [] => &[],
        // What a task prints is logged as a warning: its level says nothing.
        [b':', b' ', by @ ..] => {
            let slash = by.iter().position(|byte| *byte == b'/')?;
            let level = Level::named(&by[..slash]).filter(|level| *level != Level::Warning);
            let source = &by[slash + 1..];
            return Some(Layer { source, level: level.unwrap_or_default(), is_time: true, rest });
        }
        _ => return None,
    };
    Some(Layer { is_time: true, ..Layer::of(source, rest) })
}
