//! By dpkg: the package, in the oldest image that HeyGem's users have.
//!
//! CUDA 11 came on Ubuntu 18.04: glibc 2.27, and CPython 3.8. Its root file system is made here from its packages.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::artifacts::{PROJECT, VERSION, artifacts};
use super::work::{cures, version_line};
use crate::support::build::{build_once, checked, digest};
use crate::support::place::Place;
use crate::support::run::Run;
use crate::support::user::is_root;

const ARCHIVE: &str = "http://archive.ubuntu.com/ubuntu";

/// What the archive's files are signed by; it is in the archive, too, so it is known by its digest.
const KEYRING: &str = "pool/main/u/ubuntu-keyring/ubuntu-keyring_2018.09.18.1~18.04.2_all.deb";
const KEYRING_SHA256: &str = "5d8609563fb3074026b254d7d5248f90d393c7dbafcac48916f333bf3c90fed9";

/// A command by root: mounting and changing the root is its privilege.
fn by_root(program: &str) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    command
}

/// The root file system, as an archive.
fn bionic() -> PathBuf {
    let dir = build_once(&format!("bionic-{}", digest(&(ARCHIVE, KEYRING))), |dir| {
        let keyring = dir.join("keyring.deb");
        checked(Command::new("curl").args(["-fsSL", "-o"]).arg(&keyring).arg(format!("{ARCHIVE}/{KEYRING}")));
        let sum = checked(Command::new("sha256sum").arg(&keyring));
        assert!(sum.starts_with(KEYRING_SHA256), "{sum}");
        checked(Command::new("dpkg-deb").arg("-x").arg(&keyring).arg(dir));
        // Debian 13's apt takes no signature by SHA-1 any more, which Ubuntu's keys of that time are bound by.
        let policy = dir.join("policy.toml");
        fs::write(&policy, "[hash_algorithms]\nsha1.second_preimage_resistance = \"always\"\n")
            .expect("write a policy");
        let mut make = by_root("env");
        make.arg(format!("APT_SEQUOIA_CRYPTO_POLICY={}", policy.display()));
        make.args(["mmdebstrap", "--quiet", "--variant=essential", "--include=python3.8"]);
        // Else apt reads the keyring as a user who may not look into a home.
        make.arg("--aptopt=APT::Sandbox::User \"root\"");
        make.arg(format!(
            "--keyring={}",
            dir.join("usr/share/keyrings/ubuntu-archive-keyring.gpg").display()
        ));
        make.arg("bionic").arg(dir.join("root.tar"));
        checked(
            make.args(
                ["bionic", "bionic-updates"].map(|suite| format!("deb {ARCHIVE} {suite} main universe")),
            ),
        );
    });
    dir.join("root.tar")
}

/// That image, with the package installed, run by root until it is dropped.
struct Image {
    root: PathBuf,
    place: Place,
}

impl Image {
    fn new() -> Self {
        let place = Place::new();
        let root = place.path("image");
        checked(by_root("mkdir").arg(&root));
        checked(by_root("tar").arg("-xpf").arg(bionic()).arg("-C").arg(&root));
        Self { root, place }
    }

    /// A file of the machine's, in its `/tmp`.
    fn copy_in(&self, file: &Path) {
        checked(by_root("cp").arg("-r").arg(file).arg(self.root.join("tmp")));
    }

    /// A command in it, with what a container has of `/proc` and `/dev`.
    fn command(&self, words: &[&str]) -> Run {
        const ENTER: &str = r#"
            mount -t proc none "$1/proc" && mount --rbind /dev "$1/dev" && mount -t tmpfs none "$1/dev/shm" &&
            exec chroot "$@"
        "#;
        let mut command = by_root("unshare");
        command.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh"]).arg(&self.root);
        command.args(["env", "-i", "HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]).args(words);
        command.current_dir(&self.place.dir);
        Run::new(command)
    }

    /// Every file in it, save what dpkg's log, Python and the example leave behind.
    fn files(&self) -> BTreeSet<String> {
        let listed = self.command(&["find", "/", "-xdev", "-not", "-type", "d"]).run().succeeded();
        let is_left = |path: &&str| {
            path.starts_with("/tmp/") || path.starts_with("/var/log/") || path.ends_with(".pyc")
        };
        listed.lines().filter(|path| !is_left(path)).map(str::to_owned).collect()
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let _ = by_root("rm").args(["-rf", "--one-file-system"]).arg(&self.root).status();
    }
}

#[test]
fn ubuntu_18_04_installs_runs_and_removes_it() {
    let image = Image::new();
    let libc = image.command(&["ldd", "--version"]).run().succeeded();
    assert!(libc.lines().next().is_some_and(|line| line.ends_with(" 2.27")), "{libc}");
    image.copy_in(&artifacts().package());
    image.copy_in(&Path::new(PROJECT).join("examples/app"));
    let package = artifacts().package();
    let package = package.file_name().and_then(|name| name.to_str()).expect("a name");
    let before = image.files();
    image.command(&["dpkg", "-i", &format!("/tmp/{package}")]).run().succeeded();
    let status = image.command(&["dpkg-query", "-W", "-f", "${Status} ${Version}", "heygem-run"]);
    status.prints(format!("install ok installed {VERSION}-1"));
    let listed = image.command(&["dpkg", "-L", "heygem-run"]).run().succeeded();
    for file in [
        "/usr/bin/heygem-run",
        "/usr/share/bash-completion/completions/heygem-run",
        "/usr/share/doc/heygem-run/changelog.Debian.gz",
        "/usr/share/doc/heygem-run/changelog.gz",
        "/usr/share/doc/heygem-run/copyright",
        "/usr/share/fish/vendor_completions.d/heygem-run.fish",
        "/usr/share/man/man1/heygem-run.1.gz",
        "/usr/share/zsh/vendor-completions/_heygem-run",
    ] {
        assert!(listed.lines().any(|line| line == file), "{file} is not in\n{listed}");
    }
    image.command(&["heygem-run", "--version"]).prints(version_line());
    cures(image.command(&["heygem-run", "--python", "python3.8", "/tmp/app/fastapi_app.py"]));
    image.command(&["dpkg", "--purge", "heygem-run"]).run().succeeded();
    let after = image.files();
    assert_eq!(after.symmetric_difference(&before).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn lintian_has_nothing_to_say() {
    let mut command = Command::new("lintian");
    command.args(["--allow-root", "--fail-on", "error,warning"]).arg(artifacts().package());
    Run::new(command).prints("");
}

#[test]
fn man_renders_the_page_without_a_warning() {
    let page = artifacts().in_package().join("usr/share/man/man1/heygem-run.1.gz");
    let mut command = Command::new("man");
    command.args(["--warnings", "--local-file"]).arg(page).env("MANWIDTH", "80").env("LC_ALL", "C.UTF-8");
    let outcome = Run::new(command).run();
    let page = outcome.succeeded();
    let words: Vec<_> = page.split_whitespace().collect(); // lines are justified
    assert!(words.join(" ").contains(" NAME heygem-run - run any HeyGem entry so that "), "{outcome}");
    assert_eq!(outcome.stderr(), "");
}
