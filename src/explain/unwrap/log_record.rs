//! Lines that are records: JSON, as Docker's json-file, the journal and structured loggers write it, and logfmt.

use serde_json::{Map, Value};

use super::level::Level;
use super::prefix::layers;

/// What has the message, the most specific first.
const MESSAGES: &[&str] = &["log", "MESSAGE", "message", "msg", "text", "event", "textPayload", "line"];
/// What is told besides.
const MORE: &[&str] = &["exc_info", "exception", "traceback", "stack_trace", "stack", "error", "err"];
/// What an error has that is a record of its own, as in the Elastic common schema.
const OF_AN_ERROR: &[&str] = &["stack_trace", "stack", "message"];
const LEVELS: &[&str] = &["level", "levelname", "severity", "lvl", "loglevel", "log.level"];
const SOURCES: &[&str] = &["stream", "SYSLOG_IDENTIFIER", "logger", "name"];
/// What Docker's records have; who adds more, or leaves the time out, has put a message together that was cut.
const DOCKER: &[&str] = &["log", "stream", "time", "attrs"];
/// What has the message in a record that takes a line for each field: the journal's (`-o json-pretty`) and Google's.
const OF_LINES: &[&str] = &["MESSAGE", "textPayload"];
/// How a line of `key=value` begins.
const LOGFMT: [&[u8]; 4] = [b"time=", b"ts=", b"level=", b"msg="];
/// Where a record may begin in a line.
const START: usize = 200;

/// What a record holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Who wrote it.
    pub source: Vec<u8>,
    /// How bad its logger takes it to be.
    pub level: Level,
    /// The message, which may have several lines.
    pub text: Vec<u8>,
    /// The message goes on in the next record.
    pub is_cut: bool,
}

/// Whether a line may be a record: worth a closer look.
pub fn is_likely(line: &[u8]) -> bool {
    line.starts_with(b"{\"") || LOGFMT.iter().any(|start| line.starts_with(start)) || is_field(line)
}

/// Whether a line may be a field of a record that takes a line for each.
fn is_field(line: &[u8]) -> bool {
    let field = line.trim_ascii_start();
    let name = field.strip_prefix(b"\"").filter(|_| field.len() < line.len());
    name.is_some_and(|name| OF_LINES.iter().any(|one| name.starts_with(one.as_bytes())))
}

/// Whether a line may have a record in it, behind what else stands before a message.
pub fn may_hold(line: &[u8]) -> bool {
    let near = match line.first() {
        Some(b' ') => &[], // source code, more likely
        _ => &line[..line.len().min(START)],
    };
    is_likely(line) || memchr::memchr_iter(b'{', near).any(|at| near[at..].starts_with(b"{\""))
}

/// Whether a record's message goes on in the next one, or has letters that are written as numbers: to be read in any case.
pub fn is_escaped(line: &[u8]) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(line, word).is_some();
    let is_cut = || line.starts_with(b"{\"log\":") && !has(b"\\n\"");
    // What the journal has that is not UTF-8, or has colours.
    let has_bytes = || {
        let forms = [&b"\"MESSAGE\":["[..], b"\"MESSAGE\": [", b"\"MESSAGE\" : ["];
        !line.starts_with(b"{\"log\":") && forms.iter().any(|form| has(form))
    };
    line.starts_with(b"{\"") && (has(b"\\u") || is_cut() || has_bytes())
}

/// Whether a record's words stand in the line as they are, and a search of the line finds them.
pub fn is_plain(line: &[u8]) -> bool {
    let mut escapes = memchr::memchr_iter(b'\\', line);
    let is_end = |at: usize| line[at..].starts_with(b"\\n\"");
    escapes.next().is_none_or(is_end) && escapes.next().is_none()
}

/// The record that a line is, or has behind what else stands before a message.
pub fn within(line: &[u8]) -> Option<Record> {
    if !may_hold(line) {
        return None;
    }
    if is_likely(line) {
        return read(line);
    }
    if let Some(found) = tagged(line) {
        return Some(found);
    }
    let message = layers(line);
    let found = if is_likely(message.text) { read(message.text) } else { None };
    found.map(|found| Record { source: message.source.to_owned(), is_cut: false, ..found })
}

/// The record that a line is.
pub fn read(line: &[u8]) -> Option<Record> {
    match line.first()? {
        b'{' => docker(line).or_else(|| json(line)),
        b't' | b'l' | b'm' => logfmt(line),
        b' ' | b'\t' => field(line),
        _ => None,
    }
}

/// `time TAB tag TAB {…}`, as fluentd writes it.
fn tagged(line: &[u8]) -> Option<Record> {
    let mut parts = line.splitn(3, |byte| *byte == b'\t');
    let (time, tag, record) = (parts.next()?, parts.next()?, parts.next()?);
    let is_tag = time.first()?.is_ascii_digit() && !tag.is_empty() && !tag.contains(&b' ');
    let found = is_tag.then(|| json(record)).flatten()?;
    Some(Record { source: tag.to_owned(), is_cut: false, ..found })
}

/// `"MESSAGE" : "…",`
fn field(line: &[u8]) -> Option<Record> {
    let text = line.trim_ascii();
    let text = text.strip_suffix(b",").unwrap_or(text);
    let object = [b"{", text, b"}"].concat();
    let Ok(Value::Object(fields)) = serde_json::from_slice(&object) else { return None };
    let name = OF_LINES.iter().find(|name| fields.get(**name).is_some_and(is_text))?;
    Some(Record { text: bytes(&fields[*name]), ..Record::default() })
}

/// Docker's own records, whose fields come in one order: most of the work is theirs.
fn docker(line: &[u8]) -> Option<Record> {
    let start = b"{\"log\":".len();
    let quoted = line.strip_prefix(b"{\"log\":\"")?;
    let mut at = 0;
    let end = loop {
        at += memchr::memchr2(b'"', b'\\', &quoted[at..])?;
        match quoted[at] {
            b'"' => break at,
            _ => at += 2,
        }
        if at >= quoted.len() {
            return None;
        }
    };
    let stream = quoted[end + 1..].strip_prefix(b",\"stream\":\"std")?;
    let source = match stream.first()? {
        b'e' => b"stderr".to_vec(),
        _ => b"stdout".to_vec(),
    };
    let text: String = serde_json::from_slice(&line[start..start + end + 2]).ok()?;
    // Without a line end it is cut, or another's: its other fields say so.
    let text = text.strip_suffix('\n')?.as_bytes().to_owned();
    Some(Record { source, level: Level::Unknown, text, is_cut: false })
}

fn json(line: &[u8]) -> Option<Record> {
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(line) else { return None };
    if let Some(Value::Object(payload)) = fields.remove("jsonPayload") {
        fields.extend(payload);
    }
    let name = MESSAGES.iter().find(|name| fields.get(**name).is_some_and(is_text))?;
    let mut text = bytes(&fields[*name]);
    let is_docker = *name == "log";
    let is_own = fields.contains_key("stream") && fields.keys().all(|name| DOCKER.contains(&name.as_str()));
    let is_cut = match fields.get("logtag") {
        Some(tag) => *tag == "P",
        None => is_docker && is_own && !text.ends_with(b"\n"),
    };
    if is_docker && text.ends_with(b"\n") {
        text.pop();
    }
    for more in MORE.iter().filter_map(|name| fields.get(*name)).filter_map(told) {
        text.push(b'\n');
        text.extend(bytes(more));
    }
    let level = first(&fields, LEVELS).and_then(|level| Level::named(&level)).unwrap_or_default();
    let source = first(&fields, SOURCES).unwrap_or_default();
    Some(Record { source, level, text, is_cut })
}

/// The text of what is told besides.
fn told(value: &Value) -> Option<&Value> {
    match value {
        Value::Object(error) => {
            OF_AN_ERROR.iter().find_map(|name| error.get(*name)).filter(|value| is_text(value))
        }
        _ => Some(value).filter(|value| is_text(value)),
    }
}

fn first(fields: &Map<String, Value>, names: &[&str]) -> Option<Vec<u8>> {
    names.iter().find_map(|name| fields.get(*name).filter(|value| is_text(value))).map(bytes)
}

/// Text, or the list of bytes that the journal makes of what is not UTF-8.
fn is_text(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(bytes) => !bytes.is_empty() && bytes.iter().all(Value::is_u64),
        _ => false,
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.as_bytes().to_owned(),
        Value::Array(bytes) => bytes.iter().filter_map(|byte| u8::try_from(byte.as_u64()?).ok()).collect(),
        _ => Vec::new(),
    }
}

/// `time="…" level=error msg="…"`, as Go programs write it.
fn logfmt(line: &[u8]) -> Option<Record> {
    let level = value(line, b"level=")?;
    let text = value(line, b"msg=")?;
    let mut record = Record { level: Level::named(&level).unwrap_or_default(), text, ..Record::default() };
    if let Some(error) = value(line, b"error=").or_else(|| value(line, b"err=")) {
        record.text.extend_from_slice(b": ");
        record.text.extend(error);
    }
    Some(record)
}

/// The value behind a name, without its quotes.
fn value(line: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let is_whole = |at: &usize| *at == 0 || line[*at - 1] == b' ';
    let start = memchr::memmem::find_iter(line, name).find(is_whole)? + name.len();
    let rest = &line[start..];
    let Some(quoted) = rest.strip_prefix(b"\"") else {
        let end = rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len());
        return Some(rest[..end].to_owned());
    };
    let mut text = Vec::new();
    let mut bytes = quoted.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => match bytes.next() {
                Some(b'n') => text.push(b'\n'),
                Some(&escaped) => text.push(escaped),
                None => break,
            },
            other => text.push(other),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &str) -> Option<String> {
        read(line.as_bytes()).map(|record| String::from_utf8_lossy(&record.text).into_owned())
    }

    #[test]
    fn a_record_is_read_by_its_own_grammar() {
        let table = [
            (r#"{"log":"Killed\n","stream":"stderr","time":"2025"}"#, Some("Killed")),
            (r#"{"log":"exec: \"ffmpeg\"\n","stream":"stderr"}"#, Some("exec: \"ffmpeg\"")),
            (
                r#"{"level":"ERROR","message":"队列满","exc_info":"Traceback\nX"}"#,
                Some("队列满\nTraceback\nX"),
            ),
            (r#"{"MESSAGE":[75,105],"_PID":"7"}"#, Some("Ki")),
            (r#"{"textPayload":"Killed","severity":"ERROR"}"#, Some("Killed")),
            (r#"{"jsonPayload":{"message":"Killed"},"severity":"ERROR"}"#, Some("Killed")),
            (r#"time="2025" level=error msg="a \"b\"""#, Some("a \"b\"")),
            (r#"time="2025" level=error msg=short"#, Some("short")),
            (r#"time=2025-06-11T10:02:07Z level=error msg="a \"b\"""#, Some("a \"b\"")),
            (
                r#"ts=2025-06-11T10:02:07Z caller=a.go:1 level=error msg=failed err="no space""#,
                Some("failed: no space"),
            ),
            (r#"level=info msg="a level=b""#, Some("a level=b")),
            (
                r#"{"message":"failed","error":{"type":"X","stack_trace":"Traceback\nX"}}"#,
                Some("failed\nTraceback\nX"),
            ),
            (r#"{"line":"Killed","timestamp":"1"}"#, Some("Killed")),
            ("\t\"MESSAGE\" : \"Killed\",", Some("Killed")),
            ("    \"textPayload\": \"Killed\"", Some("Killed")),
            ("    \"detail\": \"Killed\",", None),
            (r#"{"State": {"OOMKilled": false}}"#, None),
            (r#"{"log": 5}"#, None),
            (r#"{"log":"#, None),
            ("{'log': 'x'}", None),
        ];
        for (line, expected) in table {
            assert_eq!(text(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn a_record_is_plain_if_its_words_stand_in_the_line() {
        let table = [
            (r#"{"level":"ERROR","message":"Killed"}"#, true),
            (r#"{"log":"Killed\n","stream":"stderr"}"#, true),
            (r#"{"log":"exec: \"ffmpeg\"\n","stream":"stderr"}"#, false),
            (r#"{"message":"\u5df2\u6740\u6b7b"}"#, false),
            (r#"{"message":"one\ntwo"}"#, false),
            (r#"{"log":"fine\n","error":"exec: \"ffmpeg\""}"#, false),
        ];
        for (line, expected) in table {
            assert_eq!(is_plain(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn a_message_without_its_end_is_cut() {
        let cut = |line: &str| read(line.as_bytes()).map(|record| record.is_cut);
        assert_eq!(cut(r#"{"log":"a","stream":"stderr","time":"2025"}"#), Some(true));
        assert_eq!(cut(r#"{"log":"a\n","stream":"stderr","time":"2025"}"#), Some(false));
        assert_eq!(cut(r#"{"log":"a","app":"x"}"#), Some(false));
        assert_eq!(cut(r#"{"log":"a","stream":"stderr","kubernetes":{}}"#), Some(false));
        assert_eq!(cut(r#"{"log":"a","stream":"stderr","logtag":"F"}"#), Some(false));
        assert_eq!(cut(r#"{"log":"a","stream":"stderr","logtag":"P"}"#), Some(true));
    }
}
