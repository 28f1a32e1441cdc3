//! What `.ci/release` makes of the tree as it is, made once for all tests, and unpacked.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::build::{build_once, checked, digest, expect};

/// The project.
pub const PROJECT: &str = env!("CARGO_MANIFEST_DIR");

/// What Cargo.toml says, and everything else has to.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The files of a release.
pub struct Artifacts {
    dir: PathBuf,
}

/// Those of the tree as it is.
pub fn artifacts() -> &'static Artifacts {
    static MADE: OnceLock<Artifacts> = OnceLock::new();
    MADE.get_or_init(|| {
        let inputs: Vec<_> = inputs().into_iter().map(|file| (fs::read(&file).ok(), file)).collect();
        let rustc = checked(Command::new("rustc").arg("-vV"));
        let dir = build_once(&format!("release-{}", digest(&(inputs, rustc))), |dir| {
            checked(release(Path::new(PROJECT)).arg("--snapshot").arg(dir.join("dist")));
            let made = Artifacts { dir: dir.to_owned() };
            let unpacked = |name| {
                let unpacked = dir.join(name);
                expect(fs::create_dir(&unpacked), "create", &unpacked);
                unpacked
            };
            let untar =
                |archive, into| checked(Command::new("tar").arg("-xf").arg(archive).arg("-C").arg(into));
            untar(made.tarball(), unpacked("tarball"));
            untar(made.source(), unpacked("source"));
            checked(Command::new("dpkg-deb").arg("-R").arg(made.package()).arg(unpacked("package")));
            let mut unzip = Command::new("python3");
            checked(unzip.args(["-m", "zipfile", "-e"]).arg(made.wheel()).arg(unpacked("wheel")));
        });
        Artifacts { dir }
    })
}

/// What goes into them, as far as it lies in the tree.
fn inputs() -> Vec<PathBuf> {
    let mut list = cargo(&["package", "--list", "--allow-dirty", "--locked"]);
    let list = checked(list.current_dir(PROJECT));
    list.lines().chain([".ci/release"]).map(|file| Path::new(PROJECT).join(file)).collect()
}

/// A command as a user starts it: with nothing of the cargo that runs the tests, nor what would change how a build is made.
pub fn as_a_user(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text == "RUSTFLAGS" || text.starts_with("CARGO") && text != "CARGO_HOME" {
            command.env_remove(name);
        }
    }
    command
}

/// `cargo`, so started.
pub fn cargo(words: &[&str]) -> Command {
    let mut command = as_a_user(env!("CARGO"));
    command.args(words);
    command
}

/// `.ci/release` of a project, so started.
pub fn release(project: &Path) -> Command {
    as_a_user(project.join(".ci/release"))
}

impl Artifacts {
    /// All files that are published.
    pub fn dist(&self) -> PathBuf {
        self.dir.join("dist")
    }

    /// `heygem-run-VERSION-TARGET.tar.gz`
    pub fn tarball(&self) -> PathBuf {
        self.dist().join(format!("{}.tar.gz", Self::name()))
    }

    /// The Debian package.
    pub fn package(&self) -> PathBuf {
        let architecture = checked(Command::new("dpkg").arg("--print-architecture"));
        self.dist().join(format!("heygem-run_{VERSION}-1_{}.deb", architecture.trim()))
    }

    /// The wheel.
    pub fn wheel(&self) -> PathBuf {
        let machine = std::env::consts::ARCH;
        let tags = format!("py3-none-manylinux2014_{machine}.manylinux_2_17_{machine}");
        self.dist().join(format!("heygem_run-{VERSION}-{tags}.whl"))
    }

    /// What pip builds the wheel from where there is none.
    pub fn source(&self) -> PathBuf {
        self.dist().join(format!("heygem_run-{VERSION}.tar.gz"))
    }

    /// The bill of materials.
    pub fn sbom(&self) -> PathBuf {
        self.dist().join(format!("heygem-run-{VERSION}.cyclonedx.json"))
    }

    /// The tarball's one directory.
    pub fn in_tarball(&self) -> PathBuf {
        self.dir.join("tarball").join(Self::name())
    }

    /// What the Debian package has, its control files in `DEBIAN`.
    pub fn in_package(&self) -> PathBuf {
        self.dir.join("package")
    }

    /// What the wheel has.
    pub fn in_wheel(&self) -> PathBuf {
        self.dir.join("wheel")
    }

    /// The source distribution's one directory.
    pub fn in_source(&self) -> PathBuf {
        self.dir.join("source").join(format!("heygem_run-{VERSION}"))
    }

    fn name() -> String {
        format!("heygem-run-{VERSION}-{}-unknown-linux-gnu", std::env::consts::ARCH)
    }
}
