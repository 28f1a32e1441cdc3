//! Real disks: full ones and read-only ones, each in a mount namespace of its own, with nothing in it but the launcher and a
//! target. They need what not every machine grants, so this suite is run by a command of its own.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::path::PathBuf;
use std::process::{self, Command, Output};
use std::sync::OnceLock;

const LAUNCHER: &str = env!("CARGO_BIN_EXE_heygem-run");

/// Makes a root file system in memory, with the launcher, a shell and what that needs: whoever mounts it owns it, from `/` on,
/// as a cache must be.
const SETUP: &str = r#"
set -eu
mount -t tmpfs -o mode=755 none "$1"
cd "$1"
mkdir -p sdk home tmp bin dev
cp "$2" bin/heygem-run
for program in /bin/sh /bin/cat /bin/ls; do
    cp "$program" bin/
    for library in $(ldd "$program" | grep -o '/[^ )]*'); do
        mkdir -p ".${library%/*}"; cp "$library" ".$library"
    done
done
make_sdk() {
    mkdir -p sdk/service sdk/h_utils
    : > sdk/service/__init__.py; : > sdk/service/trans_dh_service.py; : > sdk/h_utils/custom.so
}
fill() { cat /dev/zero > "$1/filler" 2>/dev/null || :; }
launch() {
    code=0
    chroot . /bin/heygem-run "$@" 2>&1 || code=$?
    echo "exit code $code"
}
SHOW='cd "${PYTHONPATH##*:}" && echo "$PWD" && ls && cat -- custom.py'
export PATH=/usr/bin:/bin:/usr/sbin:/sbin
"#;

/// The ways into a mount namespace, the least privileged last.
const WAYS: [&[&str]; 3] = [&["unshare", "-m"], &["unshare", "-rm"], &["sudo", "-n", "unshare", "-m"]];

/// The first way in that works.
fn way() -> &'static [&'static str] {
    static WAY: OnceLock<&[&str]> = OnceLock::new();
    WAY.get_or_init(|| {
        let mut refused = String::new();
        for way in WAYS {
            let mut command = Command::new(way[0]);
            command.args(&way[1..]).args(["mount", "-t", "tmpfs", "none", "/mnt"]);
            match command.output() {
                Ok(output) if output.status.success() => return way,
                Ok(output) => refused.push_str(&format!(
                    "\n  {}: {}",
                    way.join(" "),
                    String::from_utf8_lossy(&output.stderr).trim()
                )),
                Err(error) => refused.push_str(&format!("\n  {}: {error}", way.join(" "))),
            }
        }
        panic!(
            "these tests mount file systems, which this machine does not let them (run them as root, or give a container \
             CAP_SYS_ADMIN):{refused}"
        );
    })
}

/// What a script prints that finds an empty disk below its working directory.
fn run(name: &str, script: &str) -> String {
    let directory = Directory::new(name);
    let way = way();
    let mut command = Command::new(way[0]);
    command
        .args(&way[1..])
        .args(["sh", "-c", &format!("{SETUP}\n{script}"), "sh"])
        .arg(&directory.0)
        .arg(LAUNCHER);
    command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("HOME", "/home")
        .env("TMPDIR", "/tmp");
    let Output { status, stdout, stderr } = command.output().expect("it starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(status.success() && stderr.is_empty(), "{status}\n{}{}", text(&stdout), text(&stderr));
    text(&stdout)
}

/// Where a case mounts its disk; removed when dropped. Outside of the namespace it stays empty.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("heygem-mounts-{name}-{}", process::id()));
        std::fs::create_dir(&path).expect("a directory");
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.0);
    }
}

/// The text with HASH for each hash in it.
fn masked(text: &str) -> String {
    let is_hash =
        |word: &str| matches!(word.len(), 16 | 32) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut masked = String::new();
    for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let (word, end) = word.split_at(word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).len());
        masked.push_str(if is_hash(word) { "HASH" } else { word });
        masked.push_str(end);
    }
    masked
}

/// What the target prints of a bridge that is whole.
fn whole(store: &str) -> String {
    format!(
        "{store}/heygem-bridge-HASH\n__pycache__\n_heygem_run_bridge.py\n_heygem_run_process.py\n_heygem_run_start.py\ncustom.py\nsitecustomize.py\n\
         trans_dh_service.py\n\
         __import__(\"_heygem_run_bridge\").resolve(globals())  # A bare name of the SDK. Made by heygem-run.\n\
         exit code 0\n"
    )
}

#[track_caller]
fn prints(name: &str, script: &str, expected: &str) {
    assert_eq!(masked(&run(name, script)), expected, "{script}");
}

const LAUNCH: &str = r#"launch -r /sdk /bin/sh -c "$SHOW""#;

#[test]
fn a_full_disk_has_the_bridge_elsewhere() {
    // From no free block at all to enough for a bridge.
    let [inside, elsewhere] = ["/sdk/.heygem-run", "/home/.cache/heygem-run/HASH"].map(whole);
    let mut printed = Vec::new();
    for kilobytes in (0..=120).step_by(12) {
        let script = format!(
            "mount -t tmpfs -o size=256k,mode=755 none sdk; make_sdk; fill sdk; truncate -s -{kilobytes}k sdk/filler\n\
             {LAUNCH}; ls -A sdk/.heygem-run | grep tmp- || :"
        );
        printed.push(masked(&run(&format!("full-{kilobytes}"), &script)));
    }
    assert!(printed.iter().all(|printed| [&inside, &elsewhere].contains(&printed)), "{printed:?}");
    assert_eq!((printed.first(), printed.last()), (Some(&elsewhere), Some(&inside)));
}

#[test]
fn a_full_disk_and_nowhere_else_is_a_warning_and_under_strictness_an_error() {
    let full = "for name in sdk home tmp; do mount -t tmpfs -o size=32k,mode=755 none $name; done; make_sdk\n\
                for name in sdk home tmp; do fill $name; done";
    let printed = masked(&run(
        "full",
        &format!("{full}\nlaunch -r /sdk /bin/sh -c :; launch --strict -r /sdk /bin/sh -c :"),
    ));
    let [warning, _, error, hint, end] = printed.lines().collect::<Vec<_>>()[..] else { panic!("{printed}") };
    assert!(
        warning.starts_with("heygem-run: warning: no bridge can be built (/sdk/.heygem-run: "),
        "{printed}"
    );
    assert_eq!(warning.matches("No space left on device").count(), 3, "{printed}");
    assert_eq!(error.replace(": error: ", ": warning: "), warning);
    assert_eq!((hint, end), ("hint: --strict treats this warning as an error", "exit code 125"));
}

#[test]
fn a_read_only_root_has_the_bridge_in_the_next_place_that_is_not() {
    let read_only = |names: &str| {
        format!(
            "make_sdk; for name in {names}; do mount --bind $name $name; mount -o remount,bind,ro $name; done\n{LAUNCH}"
        )
    };
    prints("ro-root", &read_only("sdk"), &whole("/home/.cache/heygem-run/HASH"));
    prints("ro-home", &read_only("sdk home"), &whole("/tmp/heygem-run-0/HASH"));
    let no_home = format!("{}\n", read_only("sdk").replace("launch ", "unset HOME TMPDIR; launch "));
    prints("no-home", &no_home, &whole("/tmp/heygem-run-0/HASH"));
    let nowhere = run("ro-all", &read_only("sdk home tmp").replace("\"$SHOW\"", "'echo \"$PYTHONPATH\"'"));
    let denied = "it can't be made: Read-only file system";
    let expected = format!(
        "heygem-run: warning: no bridge can be built (/sdk/.heygem-run: {denied}; /home/.cache/heygem-run/HASH: {denied}; \
         /tmp/heygem-run-0/HASH: {denied}): child processes started by spawn will fail with No module named 'trans_dh_service'\n\
         /sdk:/\nexit code 0\n"
    );
    assert_eq!(masked(&nowhere), expected);
}

#[test]
fn an_image_that_was_prepared_runs_read_only() {
    let script = format!(
        "make_sdk; launch -r /sdk --prepare\n\
         find sdk -exec touch -d '2024-05-06 07:08:10 UTC' {{}} +\n\
         mkdir sdk/h_utils/__pycache__; : > sdk/h_utils/__pycache__/custom.cpython-38.pyc\n\
         mount -o remount,bind,ro .; {LAUNCH}"
    );
    let expected = format!("/sdk/.heygem-run/heygem-bridge-HASH\nexit code 0\n{}", whole("/sdk/.heygem-run"));
    prints("image", &script, &expected);
}

#[test]
fn the_doctor_measures_shared_memory() {
    let doctor = "make_sdk; mkdir dev/shm\nMOUNT\nlaunch --doctor -r /sdk | grep -A1 '  shm  '";
    let remedy = "                   do: give it more memory: docker run --shm-size 8g …; on a host: mount -o remount,size=8g /dev/shm\n";
    let mounted =
        |size: &str| doctor.replace("MOUNT", &format!("mount -t tmpfs -o size={size} none dev/shm"));
    // What Docker gives.
    let small = "warn  shm          /dev/shm has 64 MiB: large frames end in a bus error, or hang\n";
    assert_eq!(run("shm-small", &mounted("64m")), format!("{small}{remedy}"));
    let none = "warn  shm          there is no /dev/shm: multiprocessing needs one\n";
    assert_eq!(run("shm-none", &doctor.replace("MOUNT", "rmdir dev/shm")), format!("{none}{remedy}"));
    let enough = run("shm-enough", &mounted("2g"));
    assert!(enough.starts_with("ok    shm          /dev/shm has 2048 MiB\n"), "{enough}");
}

#[test]
fn the_doctor_sees_a_driver_by_what_the_kernel_says_of_it() {
    let doctor = "make_sdk\nDRIVER\nlaunch --doctor -r /sdk | grep -A1 '  gpu  '";
    let driver =
        "mkdir -p proc/driver/nvidia; echo 'NVRM version: NVIDIA UNIX 550.54' >proc/driver/nvidia/version";
    let seen = run("gpu", &doctor.replace("DRIVER", driver));
    assert!(seen.starts_with("ok    gpu          NVRM version: NVIDIA UNIX 550.54\n"), "{seen}");
    let none = run("gpu-none", &doctor.replace("DRIVER", ""));
    assert!(none.starts_with("info  gpu          no NVIDIA driver is visible: "), "{none}");
    assert!(none.contains("\n                   do: in a container: docker run --gpus all …"), "{none}");
}

/// There all that is not of the namespace is shown as one owner's, and so is the process itself.
#[test]
fn an_owner_whom_a_user_namespace_cannot_name_is_a_stranger() {
    let directory = Directory::new("namespace");
    let root = directory.0.join("sdk");
    std::fs::create_dir_all(root.join("service")).expect("a directory");
    for name in ["__init__.py", "trans_dh_service.py"] {
        std::fs::write(root.join("service").join(name), "").expect("a file");
    }
    let launch = |way: &[&str]| {
        let words = [way, &[LAUNCHER, "-r", "sdk", "--", "/bin/sh", "-c", "echo started"]].concat();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).current_dir(&directory.0).env_clear().env("PATH", "/usr/bin:/bin");
        command.output().expect("it starts")
    };
    assert!(launch(&["/usr/bin/env"]).stderr.is_empty());
    let Output { stdout, stderr, .. } = launch(&["unshare", "-U"]);
    std::fs::remove_dir_all(&root).expect("it was there");
    let stderr = String::from_utf8_lossy(&stderr);
    let doubt = "sdk/.heygem-run: it belongs to a user or group that this user namespace does not map\n";
    assert!(stderr.contains(doubt) && stdout == b"started\n", "{stderr}");
}
