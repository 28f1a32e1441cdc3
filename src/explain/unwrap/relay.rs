//! What those put before a message who run others' commands: image builds, CI, launchers of many processes, and who quotes or finds
//! them.

use super::layer::{Layer, is_of_a_name};
use super::time::time;

/// The sources of Airflow's that log what a task prints, at a level that says nothing.
const CARRIERS: &[&[u8]] =
    &[b"subprocess.py:", b"logging_mixin.py:", b"process_utils.py:", b"docker.py:", b"pod_manager.py:"];

/// What begins with a mark: a build's step, CI's command, a task's output, a quote.
pub fn marked(text: &[u8]) -> Option<Layer<'_>> {
    match text {
        [b'#', b'#', b'[', ..] => github(text),
        [b'#', digit, ..] if digit.is_ascii_digit() => build_step(text),
        [b'{', ..] => airflow(text),
        [b'>', b' ', rest @ ..] => Some(Layer::of(&[], rest)),
        [0xe2, ..] => boxed(text),
        _ => None,
    }
}

/// `#12 3.456 `, as `docker build` prints what a step says.
fn build_step(text: &[u8]) -> Option<Layer<'_>> {
    let end = text.iter().take(8).position(|byte| *byte == b' ')?;
    let (step, rest) = (&text[..end], &text[end + 1..]);
    let length = seconds(rest)?;
    let rest = &rest[length..];
    step[1..].iter().all(u8::is_ascii_digit).then(|| Layer::of(step, rest.strip_prefix(b" ").unwrap_or(rest)))
}

/// The length of a time in seconds: `3.456`, and no more digits than a build's step has.
fn seconds(text: &[u8]) -> Option<usize> {
    let length = text.iter().take(10).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let number = &text[..length];
    let points = number.iter().filter(|byte| **byte == b'.').count();
    let is_number = number.first()?.is_ascii_digit() && points == 1 && length > 3;
    (is_number && matches!(text.get(length), None | Some(b' '))).then_some(length)
}

/// `    12 TAB`, as `cat -n` and `nl` number lines.
pub fn numbered(text: &[u8]) -> Option<Layer<'_>> {
    let tab = text.iter().take(12).position(|byte| *byte == b'\t').filter(|tab| *tab >= 6)?;
    let digits = text[..tab].trim_ascii_start();
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| Layer::of(&[], &text[tab + 1..]))
}

/// `app.log:123:` and `123:`, as `grep -n` shows what it found; `app.log-124-` and `124-`, what is near it.
pub fn grep(text: &[u8]) -> Option<Layer<'_>> {
    let numbered = |at: usize, mark: u8| {
        let rest = text.get(at..)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_number = 0 < digits && digits < 10 && rest.get(digits) == Some(&mark);
        is_number.then(|| &rest[digits + 1..]).filter(|rest| is_found(rest, mark))
    };
    if let Some(rest) = numbered(0, b':').or_else(|| numbered(0, b'-')) {
        return Some(Layer::of(&[], rest));
    }
    let is_of_path = |byte: &&u8| is_of_a_name(**byte) || b"/+@".contains(byte) || !byte.is_ascii();
    let length = text.iter().take(200).take_while(is_of_path).count();
    let near =
        || memchr::memchr_iter(b'-', &text[..length]).find_map(|at| Some((at, numbered(at + 1, b'-')?)));
    let found = (text.get(length) == Some(&b':')).then(|| numbered(length + 1, b':')).flatten();
    let (end, rest) = found.map(|rest| (length, rest)).or_else(near)?;
    let path = &text[..end];
    let is_file = path.iter().any(u8::is_ascii_alphabetic) && path.iter().any(|byte| b"./".contains(byte));
    is_file.then(|| Layer::of(path, rest))
}

/// Whether a line may be what is behind such a number. Behind a place that a compiler or a warning names is a column or one blank,
/// behind Slurm's number of a task one blank more than Python indents by.
fn is_found(line: &[u8], mark: u8) -> bool {
    let blanks = line.iter().take_while(|byte| **byte == b' ').count();
    match line.get(blanks) {
        None | Some(b':') => false,
        Some(_) if blanks > 0 => blanks % 2 == 0,
        Some(b'0'..=b'9') => time(line).is_some(),
        Some(byte) => mark == b':' || byte.is_ascii_uppercase() || *byte == b'_',
    }
}

/// `0: `, Slurm's number of a task; `0.345 `, what a build's step says, shown once more where it fails.
pub fn number(text: &[u8]) -> Option<Layer<'_>> {
    if let Some(length) = seconds(text).filter(|length| *length == 5) {
        return Some(Layer::of(&[], text[length..].strip_prefix(b" ")?));
    }
    let length = text.iter().take(5).take_while(|byte| byte.is_ascii_digit()).count();
    let rest = text[length..].strip_prefix(b": ")?;
    Some(Layer::of(&text[..length], rest))
}

/// `[rank0]: `, and Open MPI's `[1,0]<stderr>:`.
pub fn rank(text: &[u8]) -> Option<Layer<'_>> {
    let close = text.iter().take(40).position(|byte| *byte == b']')?;
    let (inside, behind) = (&text[1..close], &text[close + 1..]);
    let is_job = inside.iter().all(|byte| byte.is_ascii_digit() || *byte == b',');
    let is_name = inside.first()?.is_ascii_alphabetic()
        && inside.last()?.is_ascii_digit()
        && inside.iter().all(|byte| is_of_a_name(*byte));
    let rest = match behind {
        [b'<', b's', b't', b'd', stream @ ..] if is_job => {
            let end = stream.iter().take(8).position(|byte| *byte == b'>')?;
            stream[end + 1..].strip_prefix(b":")?
        }
        [b':', rest @ ..] if is_name => rest,
        _ => return None,
    };
    Some(Layer::of(inside, rest.strip_prefix(b" ").unwrap_or(rest)))
}

/// `##[error]`, as GitHub's runner marks a line.
fn github(text: &[u8]) -> Option<Layer<'_>> {
    let rest = text.strip_prefix(b"##[error]").or_else(|| text.strip_prefix(b"##[warning]"))?;
    Some(Layer::of(&[], rest))
}

/// `job\tstep\t2025-06-11T10:02:07.118Z `, from `gh run view --log`; what is behind the time is the next layer's.
pub fn job(text: &[u8]) -> Option<Layer<'_>> {
    let near = &text[..text.len().min(200)];
    let mut tabs = memchr::memchr_iter(b'\t', near);
    let (name, step) = (tabs.next()?, tabs.next()?);
    let rest = &text[step + 1..];
    let rest = rest.strip_prefix("\u{feff}".as_bytes()).unwrap_or(rest);
    time(rest).map(|_| Layer::of(&text[..name], rest))
}

/// `01E `, behind a time of GitLab's: the stream.
pub fn gitlab(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (stream, rest) = text.split_at_checked(4)?;
    let is_stream = matches!(stream, [_, _, b'O' | b'E', b' ' | b'+']);
    (is_stream && stream[..2].iter().all(u8::is_ascii_hexdigit)).then_some((&stream[..3], rest))
}

/// `{subprocess.py:93} INFO - `, before what a task prints.
fn airflow(text: &[u8]) -> Option<Layer<'_>> {
    let is_carrier = CARRIERS.iter().any(|source| text[1..].starts_with(source));
    let rest = text.get(text.iter().take(40).position(|byte| *byte == b'}')? + 1..)?;
    rest.strip_prefix(b" INFO - ").filter(|_| is_carrier).map(|rest| Layer::of(&[], rest))
}

/// `│ … │`, one line of a box.
fn boxed(text: &[u8]) -> Option<Layer<'_>> {
    let side = "│".as_bytes();
    let rest = text.strip_prefix(side)?.trim_ascii_end().strip_suffix(side)?.trim_ascii_end();
    let is_one = memchr::memmem::find(rest, side).is_none();
    is_one.then(|| Layer::of(&[], rest.strip_prefix(b" ").unwrap_or(rest)))
}

/// stern's `pod-5d9f-x2k9p container `: a pod's name ends as Kubernetes ends it, and no other word looks like the container's.
pub fn pod(text: &[u8]) -> Option<Layer<'_>> {
    let is_of_it = |byte: &&u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || **byte == b'-';
    let name = |text: &[u8]| {
        let length = text.iter().take(64).take_while(is_of_it).count();
        (1 < length && length < 64 && text.get(length) == Some(&b' ')).then_some(length)
    };
    let (pod, behind) = text.split_at(name(text)?);
    let (container, rest) = behind[1..].split_at(name(&behind[1..])?);
    let is_number = |name: &[u8]| name.iter().any(u8::is_ascii_digit);
    let mut parts = pod.rsplit(|byte| *byte == b'-');
    let (last, before) = (parts.next()?, parts.next()?);
    // Random letters and digits; Kubernetes uses no vowels there.
    let is_random = |part: &[u8], least: usize| {
        part.len() >= least && part.len() <= 10 && !part.iter().any(|byte| b"aeiou-".contains(byte))
    };
    let is_pod = is_random(last, 5) && is_random(before, 8) && is_number(before);
    let is_known = is_number(last) && (container.contains(&b'-') || is_number(container));
    (is_pod || is_known).then(|| Layer::of(pod, &rest[1..]))
}
