//! What stands before a message: a service, a pod, a stream, a process, a time. One layer at a time.

use super::level::Level;
use super::message::Message;
use super::time::time;

/// Takes the outermost layer off, if there is one.
pub fn peel(message: &mut Message) -> bool {
    let text = message.text;
    let layer = match text.first() {
        Some(b'[') => bracketed(text),
        Some(b'(') => ray(text),
        Some(b'<') => syslog_number(text),
        Some(b' ') => group(text),
        Some(byte) if byte.is_ascii_alphanumeric() => timed(text).or_else(|| compose(text)),
        _ => None,
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

/// A layer and what is in it.
#[derive(Default)]
struct Layer<'l> {
    source: &'l [u8],
    level: Level,
    is_time: bool,
    rest: &'l [u8],
}

impl<'l> Layer<'l> {
    fn of(source: &'l [u8], rest: &'l [u8]) -> Self {
        Self { source, rest, ..Self::default() }
    }
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

/// `name-1  | `.
fn compose(text: &[u8]) -> Option<Layer<'_>> {
    let length = text.iter().take(64).take_while(|byte| is_of_a_name(**byte)).count();
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

fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)
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
        [b' ', rest @ ..] => syslog(rest, text[0].is_ascii_alphabetic()).unwrap_or((&[], rest)),
        [] | [b':', b' ', ..] => (&rest[..0], rest),
        _ => return None,
    };
    Some(Layer { is_time: true, ..Layer::of(source, rest) })
}

/// `host program[77]: `; a program without a number only behind a time that is syslog's own.
fn syslog(text: &[u8], is_own: bool) -> Option<(&[u8], &[u8])> {
    let host = text.iter().position(|byte| *byte == b' ').filter(|end| *end < 65)?;
    if !text[..host].iter().all(|byte| is_of_a_name(*byte)) {
        return None;
    }
    let tagged = &text[host + 1..];
    let end = tagged.iter().take(80).position(|byte| *byte == b' ').unwrap_or(tagged.len());
    let tag = tagged[..end].strip_suffix(b":")?;
    let is_program = tag.ends_with(b"]") || tag == b"kernel" || is_own;
    is_program.then(|| (tag, tagged.get(end + 1..).unwrap_or_default()))
}

/// `<34>`, and RFC 5424's header behind it.
fn syslog_number(text: &[u8]) -> Option<Layer<'_>> {
    let close = text.iter().take(5).position(|byte| *byte == b'>')?;
    if close < 2 || !text[1..close].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let rest = &text[close + 1..];
    let Some(new) = rest.strip_prefix(b"1 ") else { return Some(Layer::of(&[], rest)) };
    let mut words = new.splitn(7, |byte| *byte == b' ');
    let [_time, _host, program, _process, _kind, data, message] = std::array::from_fn(|_| words.next());
    let rest = match (data, message) {
        (Some(b"-"), Some(message)) => message,
        (Some(_), Some(message)) => {
            let close = memchr::memmem::find(message, b"] ").map_or(0, |close| close + 2);
            &message[close..]
        }
        _ => return None,
    };
    Some(Layer { is_time: true, ..Layer::of(program.unwrap_or_default(), rest) })
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
        return Some(Layer { is_time: true, ..Layer::of(b"kernel", rest) });
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

fn is_uptime(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let point = text.iter().position(|byte| *byte == b'.').unwrap_or_default();
    let is_number = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    point > 0 && text.len() == point + 7 && is_number(&text[..point]) && is_number(&text[point + 1..])
}
