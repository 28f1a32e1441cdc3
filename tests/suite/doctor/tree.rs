//! The SDK's files, the programs that it starts, and the directories that it writes to.

use std::fs;
use std::net::TcpListener;

use super::Subject;
use crate::support::fs::remove;
use crate::support::process::OPEN_FILES;

#[test]
fn models_that_are_not_whole_are_fetched_again() {
    let table: [(&[u8], &str); 6] = [
        (b"", "is empty"),
        (b"\n<!DOCTYPE html><html>404</html>", "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a pointer of Git LFS"),
        (b"\x0a\x06\x01\x02\x03", "is cut short"),
        (b"PK\x03\x04 and no end", "is not an ONNX model"),
        (b"\x0a", "is text"),
    ];
    for (content, why) in table {
        let site = Subject::new();
        site.place.write("app/sdk/models/model.onnx", content);
        let at = site.at("app/sdk/models/model.onnx");
        site.has_and_mends("fail", "models", &format!("{at} {why}"));
    }
    let site = Subject::new();
    remove(site.place.path("app/sdk/models"));
    site.has_and_mends("fail", "models", "is not there");
}

#[test]
fn modules_that_git_left_pointers_for_are_one_fault() {
    let site = Subject::new();
    let suffix = &site.python.ext_suffix;
    for module in ["service/server", "service/trans_dh_service", "h_utils/custom"] {
        let file = format!("app/sdk/{module}{suffix}");
        let at = site.place.path(&file);
        site.place.write(format!("origin/{module}{suffix}"), fs::read(&at).expect("a module"));
        site.place.write(
            &file,
            format!("version https://git-lfs.github.com/spec/v1\noid sha256:{:064}\nsize 9\n", 0),
        );
    }
    site.place.write_program(
        "bin/git",
        format!("#!/bin/sh\ntest \"$*\" = 'lfs pull' && cp -r {}/. .\n", site.at("origin")),
    );
    remove(site.place.path("origin/model.onnx"));
    let cause = "can't be loaded: it is a pointer of Git LFS in place of the file; nor can 2 more";
    site.has_and_mends("fail", "libraries", cause);
}

#[test]
fn a_tree_without_a_script_for_models_is_passed_over() {
    let site = Subject::new();
    remove(site.root.join("download.sh"));
    remove(site.root.join("models"));
    site.is_healthy();
}

/// What the system may have does not count here.
fn only_own_programs(site: &mut Subject) {
    for (name, program) in [("sh", "/bin/sh"), ("env", "/usr/bin/env")] {
        site.place.link(program, format!("bin/{name}"));
    }
    let path = site.at("bin");
    site.set("PATH", path);
}

#[test]
fn programs_that_are_missing_or_do_not_run() {
    let mut site = Subject::new();
    remove(site.place.path("bin/ffmpeg"));
    remove(site.place.path("bin/ffprobe"));
    only_own_programs(&mut site);
    site.has("fail", "tools", "ffmpeg and ffprobe are not on PATH");
    for tool in ["ffmpeg", "ffprobe"] {
        let mut site = Subject::new();
        let file = format!("bin/{tool}");
        remove(site.place.path(&file));
        only_own_programs(&mut site);
        site.is_mended_after("fail", "tools", &format!("{tool} is not on PATH"), |site, _| {
            site.place.write_program(&file, "#!/bin/sh\n");
        });
        site.place.write_program(&file, "#!/bin/sh\necho 'libx264.so: not found' >&2\nexit 127\n");
        site.has("fail", "tools", "libx264.so: not found");
    }
}

#[test]
fn nvidia_smi_is_passed_on_and_its_silence_ends() {
    let table = [
        ("echo 'NVIDIA RTX 4090, 550.54'", "ok    gpu          NVIDIA RTX 4090, 550.54\n", ""),
        (
            "",
            "info  gpu          nvidia-smi runs, and sees no GPU\n",
            "give the container a GPU: docker run --gpus all …",
        ),
        (
            "echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18",
            "warn  gpu          nvidia-smi fails: Failed to initialize NVML: Driver/library version mismatch\n",
            "bring the driver and its libraries to one version: restart after an update",
        ),
        ("sleep 600", "warn  gpu          nvidia-smi did not end in 5 s", "see what the driver says: dmesg"),
    ];
    for (answer, line, remedy) in table {
        let site = Subject::new();
        let asked = "test \"$*\" = '--query-gpu=name,driver_version --format=csv,noheader' || exit 9";
        site.place.write_program("bin/nvidia-smi", format!("#!/bin/sh\n{asked}\n{answer}\n"));
        let hangs = answer.starts_with("sleep");
        let outcome = site.doctor(if hangs { &["--timeout", "5"] } else { &[] }).run();
        let text = outcome.stdout();
        let (_, after) = text.split_once(line).unwrap_or_else(|| panic!("no {line:?}: {outcome}"));
        assert!(after.contains(&format!("do: {remedy}")) || remedy.is_empty(), "{outcome}");
        assert!(outcome.code() == Some(0) || hangs, "no GPU is no failure: {outcome}");
    }
}

#[test]
fn configurations_that_can_not_be_read() {
    let table: [(&[u8], &str); 4] = [
        (b"server_port = 8383\n", "line 1: no section header before it"),
        (b"[log]\nlog_dir\n[digital]\nbatch_size=4\n", "line 2: neither an option nor a section: log_dir"),
        (b"[digital]\nbatch_size=4\n\xff\n", "is not UTF-8"),
        (
            b"[digital]\nbatch_size=4\n[http_server]\nserver_port=many\n",
            "server_port = many is not a valid port",
        ),
    ];
    for (content, why) in table {
        let mut site = Subject::new();
        site.place.write("app/sdk/config/config.ini", content);
        site.is_mended_after("fail", "config", why, |site, _| {
            site.place.write("app/sdk/config/config.ini", "[digital]\nbatch_size = 4\n");
        });
    }
    let site = Subject::new();
    site.place.write("app/sdk/config/config.ini", "\u{feff}[digital]\nbatch_size = 4\n");
    site.has_and_mends("fail", "config", "byte order mark");
    let mut site = Subject::new();
    remove(site.root.join("config/config.ini"));
    site.is_mended_after("fail", "config", "is not there", |site, _| {
        site.place.write("app/sdk/config/config.ini", "[digital]\nbatch_size = 4\n");
    });
}

#[test]
fn a_command_that_starts_away_from_the_configuration() {
    let mut site = Subject::new();
    site.option(["--no-chdir"]);
    site.words(["app.py"]);
    site.is_mended_after("warn", "config", "the SDK reads config/config.ini there", |site, _| {
        site.options.clear()
    });
}

#[test]
fn directories_that_are_missing() {
    let site = Subject::new();
    remove(site.root.join("log"));
    site.has_and_mends("warn", "config", "log is not there");
    // What tasks make when they need it, and a log that the configuration does not ask for: nothing to say, and nothing to do.
    let site = Subject::new();
    remove(site.root.join("result"));
    remove(site.root.join("temp"));
    let text = site.doctor(&[]).run().stdout();
    let config = format!("ok    config       {} is read\n", site.at("app/sdk/config/config.ini"));
    assert!(text.contains(&config), "{text}");
    assert_eq!(text.matches("  config  ").count(), 1, "{text}");
    remove(site.root.join("log"));
    site.place.write("app/sdk/config/config.ini", "[digital]\nbatch_size = 4\n");
    site.is_healthy();
    let site = Subject::new();
    remove(site.root.join("log"));
    site.place.write("app/sdk/log", "");
    site.has_and_mends("fail", "config", "log is not a directory");
}

#[test]
fn a_port_that_somebody_else_has() {
    let _among_few = OPEN_FILES.read();
    let mut site = Subject::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let config = format!("[digital]\nbatch_size = 4\n[http_server]\nserver_port = {port}\n");
    site.place.write("app/sdk/config/config.ini", config);
    let held = format!("port {port} is held by process {}", std::process::id());
    site.is_mended_after("warn", "config", &held, |_, remedy| {
        assert!(remedy.contains(&format!("(kill {}), or", std::process::id())), "{remedy}");
        drop(listener);
    });
}

#[test]
fn a_port_that_a_service_of_this_root_has() {
    let _among_few = OPEN_FILES.read();
    const SERVER: &str = "\
import socket, sys
server = socket.create_server(('127.0.0.1', 0))
print(server.getsockname()[1], flush=True)
sys.stdin.read()
";
    use std::io::{BufRead as _, BufReader};
    let site = Subject::new();
    let mut command = site.place.command(&site.python.path);
    command.args(["-c", SERVER]).current_dir(&site.root);
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut server = command.spawn().expect("a server");
    let mut port = String::new();
    BufReader::new(server.stdout.take().expect("piped")).read_line(&mut port).expect("a port");
    let config = format!("[digital]\nbatch_size = 4\n[http_server]\nserver_port = {port}\n");
    site.place.write("app/sdk/config/config.ini", config);
    site.is_healthy();
    drop(server.stdin.take());
    server.wait().expect("it ends with its input");
}
