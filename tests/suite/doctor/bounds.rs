//! What the doctor looks for has a bound, whoever wrote what it is to look for; and what was not looked at it says.

use std::process::Command;

use super::Subject;
use crate::support::build::expect;
use crate::support::process::{OPEN_FILES, kill};
use crate::support::wait::until;

/// A shared object that needs libraries: their names by where they stand in the table of names.
fn object(names: &[u8], needed: impl Iterator<Item = u64>, runpath: Option<u64>) -> Vec<u8> {
    const HEAD: u64 = 64 + 2 * 56;
    let entry = |tag: u64, value: u64| [tag.to_le_bytes(), value.to_le_bytes()].concat();
    let mut dynamic = entry(5, HEAD);
    dynamic.extend(runpath.into_iter().flat_map(|at| entry(29, at)));
    dynamic.extend(needed.flat_map(|at| entry(1, at)));
    dynamic.extend(entry(0, 0));
    let at = HEAD + names.len() as u64;
    let size = at + dynamic.len() as u64;
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0".to_vec();
    file.extend(if cfg!(target_arch = "aarch64") { 183_u16 } else { 62 }.to_le_bytes());
    file.extend(1_u32.to_le_bytes());
    file.extend([0, 64, 0_u64].iter().flat_map(|word| word.to_le_bytes()));
    file.extend(0_u32.to_le_bytes());
    file.extend([64, 56, 2, 64, 0, 0_u16].iter().flat_map(|word| word.to_le_bytes()));
    for (kind, from, length) in [(1_u32, 0, size), (2, at, dynamic.len() as u64)] {
        file.extend([kind, 5].iter().flat_map(|word| word.to_le_bytes()));
        file.extend(
            [from, from, from, length, length, 4096].iter().flat_map(|word: &u64| word.to_le_bytes()),
        );
    }
    [file, names.to_vec(), dynamic].concat()
}

/// A launch whose SDK has one module more, which is this file.
fn site_with(object: Vec<u8>) -> Subject {
    let mut site = Subject::new();
    let suffix = site.python.ext_suffix.clone();
    site.place.write(format!("app/sdk/y_utils/odd{suffix}"), object);
    site.words(["app.py"]);
    site.before("timeout 600 prlimit --as=4294967296");
    site
}

#[test]
fn the_names_in_an_object_have_a_bound() {
    let names = [b"\0".as_slice(), &[b'a'; 60_000], b"\0"].concat();
    let site = site_with(object(&names, std::iter::repeat_n(1, 200_000), None));
    let outcome = site.doctor(&[]).run();
    assert!(outcome.stdout().contains("it has more names than any library"), "{outcome}");
}

#[test]
fn what_objects_need_is_looked_for_up_to_a_bound() {
    let mut names = vec![0];
    let mut needed = Vec::new();
    for number in 0..10_000 {
        needed.push(names.len() as u64);
        names.extend(format!("{number:x}.so\0").bytes());
    }
    let runpath = names.len() as u64;
    let places: Vec<String> = (0..10_000).map(|number| format!("/{number:x}")).collect();
    names.extend(format!("{}\0", places.join(":")).bytes());
    let site = site_with(object(&names, needed.into_iter(), Some(runpath)));
    let outcome = site.doctor(&[]).run();
    let told = "skip  libraries    not told: what they ask for takes more than 500000 looks, or too long";
    assert!(outcome.stdout().contains(told), "{outcome}");
}

/// Processes with very many open files, and behind them one that listens.
const HOLDERS: &str = "
import os, resource, socket, sys, time
most = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 20000)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
server = socket.socket()
server.bind(('127.0.0.1', 0))
count = 110000 // (most - 100) + 1
made, makes = os.pipe()
for _ in range(count):
    if os.fork() == 0:
        server.close()
        for _ in range(most - 50):
            os.dup(0)
        os.write(makes, b'.')
        time.sleep(1000)
while count:
    count -= len(os.read(made, count))
if os.fork() == 0:
    server.listen()
    print(server.getsockname()[1], flush=True)
    time.sleep(1000)
server.close()
time.sleep(1000)
";

#[test]
fn who_holds_a_port_is_looked_for_up_to_a_bound() {
    let _alone = OPEN_FILES.write();
    let site = super::staged::site();
    let told = site.place.path("told");
    let output = expect(std::fs::File::create(&told), "create", &told);
    let mut holders = Command::new("setsid");
    holders.arg(&site.python.path).args(["-c", HOLDERS]).stdout(output);
    let mut holders = expect(holders.spawn(), "start", &site.python.path);
    let port = until(std::time::Duration::from_secs(300), || {
        let text = std::fs::read_to_string(&told).unwrap_or_default();
        text.strip_suffix('\n').map(str::to_owned)
    });
    let port = port.expect("it listens");
    site.place.write(
        "app/sdk/config/config.ini",
        format!("[log]\nlog_dir = ./log\nlog_file = dh.log\n[http_server]\nserver_port = {port}\n"),
    );
    let outcome = site.doctor(&[]).run();
    kill("KILL", &format!("-{}", holders.id()));
    let _ = holders.wait();
    let told = format!("port {port} is held, and not by any of the first 100000 open files of processes");
    assert!(outcome.stdout().contains(&told), "{outcome}");
}
