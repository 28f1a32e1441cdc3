//! What tests do to files, and to a program's power over them.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::build::expect;
use super::place::{LAUNCHER, Place};

/// Sets a path's permissions.
pub fn chmod(path: impl AsRef<Path>, mode: u32) {
    let path = path.as_ref();
    expect(fs::set_permissions(path, fs::Permissions::from_mode(mode)), "chmod", path);
}

/// Removes a file, a link or a whole directory.
pub fn remove(path: impl AsRef<Path>) {
    let path = path.as_ref();
    let is_directory = path.symlink_metadata().is_ok_and(|meta| meta.is_dir());
    let removed = if is_directory { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    expect(removed, "remove", path);
}

impl Place {
    /// Makes a symbolic link here, with the directories above it.
    pub fn link(&self, target: impl AsRef<Path>, name: impl AsRef<Path>) -> PathBuf {
        let link = self.path(name);
        self.make_dir(link.parent().unwrap_or(&self.dir));
        expect(symlink(target, &link), "link", &link);
        link
    }

    /// Copies the launcher here: where it lies is one of the places it looks at.
    pub fn copy_launcher(&self, name: impl AsRef<Path>) -> PathBuf {
        self.copy_program(LAUNCHER, name)
    }

    /// A command that permissions bind, also where the tests run as root: it keeps its user, and loses the power to read
    /// what nobody may.
    pub fn bound_command(&self, program: impl AsRef<OsStr>) -> Command {
        const POWERS: &str = "-dac_override,-dac_read_search";
        let own = expect(fs::metadata("/proc/self"), "examine", Path::new("/proc/self"));
        if own.uid() != 0 {
            return self.command(program);
        }
        let mut command = self.command("setpriv");
        command.args(["--bounding-set", POWERS, "--inh-caps", POWERS, "--"]).arg(program);
        command
    }
}

/// Makes links on which a look takes milliseconds: the way to what is below the returned one has tens of thousands of directories in it.
pub fn plant_long_way(place: &Place) -> String {
    place.make_dir("slow/d");
    for level in 0..38 {
        let below = if level == 0 { "d".to_owned() } else { format!("l{}", level - 1) };
        place.link("./".repeat(2040) + &below, format!("slow/l{level}"));
    }
    "slow/l37".to_owned()
}
