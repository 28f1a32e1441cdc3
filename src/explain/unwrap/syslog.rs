//! What syslog, the kernel and the journal put before a message, besides a plain time.

use super::layer::{Layer, is_of_a_name};

/// `host program[77]: `; a program without a number, and one without a host, only behind a time that is syslog's own.
pub fn syslog(text: &[u8], is_own: bool) -> Option<(&[u8], &[u8])> {
    let host = text.iter().position(|byte| *byte == b' ').filter(|end| *end < 65)?;
    if is_own && let Some(tag) = text[..host].strip_suffix(b":").filter(|tag| tag.ends_with(b"]")) {
        return Some((tag, &text[host + 1..]));
    }
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
pub fn syslog_number(text: &[u8]) -> Option<Layer<'_>> {
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

/// `1749607327.118452 host program[77]: `, the journal's short-unix.
pub fn unix(text: &[u8]) -> Option<Layer<'_>> {
    let (time, rest) = text.split_at_checked(17)?;
    let rest = rest.strip_prefix(b" ").filter(|_| time[10] == b'.' && is_uptime(time))?;
    let (source, rest) = syslog(rest, false)?;
    Some(Layer { is_time: true, ..Layer::of(source, rest) })
}

/// `   12.345678`, and what the journal's short-delta puts behind it: ` <    0.000123 >`.
pub fn is_uptime(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let text = match text.iter().position(|byte| *byte == b' ') {
        Some(end) if text[end..].starts_with(b" <") && text.ends_with(b">") => &text[..end],
        _ => text,
    };
    let point = text.iter().position(|byte| *byte == b'.').unwrap_or_default();
    let is_number = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    point > 0 && text.len() == point + 7 && is_number(&text[..point]) && is_number(&text[point + 1..])
}
