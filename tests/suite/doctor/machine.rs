//! What surrounds the launch: /dev, and limits of the process.

use super::staged::{Mends, PLAIN, Staged, all, site};

/// A directory of devices in place of the system's, with all of them but the one.
macro_rules! devices_without {
    ($left:literal, $then:literal) => {
        concat!(
            "mkdir -p $APP/../dev; mount -t tmpfs none $APP/../dev; mkdir $APP/../dev/shm; for device in null zero full random \
             urandom; do [ $device = ",
            $left,
            " ] || { : > $APP/../dev/$device; mount --bind /dev/$device $APP/../dev/$device; }; done; cd $APP/../dev; ",
            $then,
            "; cd $APP; mount --rbind $APP/../dev /dev"
        )
    };
}

#[test]
fn shared_memory() {
    all(&[
        Staged {
            name: "full",
            before: "mount -t tmpfs -o size=1m none /dev/shm; cat /dev/zero > /dev/shm/filler 2>/dev/null || :",
            says: &[
                "/dev/shm is full, all 1 MiB of it",
                "the first Queue or Lock dies of OSError: [Errno 28]",
            ],
            remedy: Mends::Words("ls -la /dev/shm"),
            ..PLAIN
        },
        Staged {
            name: "tiny",
            before: "mount -t tmpfs -o size=4k none /dev/shm",
            says: &["/dev/shm is full, all 4 KiB of it"],
            remedy: Mends::Words("--shm-size 8g"),
            ..PLAIN
        },
        Staged {
            name: "no_inodes",
            before: "mount -t tmpfs -o nr_inodes=1 none /dev/shm",
            says: &["/dev/shm has no free inodes"],
            remedy: Mends::Words("ls -la /dev/shm"),
            ..PLAIN
        },
        Staged {
            name: "small",
            before: "mount -t tmpfs -o size=64k none /dev/shm",
            status: "warn",
            says: &["/dev/shm has 64 KiB: large frames"],
            remedy: Mends::Words("--shm-size 8g"),
            ..PLAIN
        },
        Staged {
            name: "file",
            before: devices_without!("-", "rmdir shm; : > shm"),
            says: &["/dev/shm is not a directory"],
            remedy: Mends::Words(
                "as root: rm /dev/shm && mkdir -m 1777 /dev/shm && mount -t tmpfs -o size=8g shm",
            ),
            ..PLAIN
        },
        Staged {
            name: "dead_link",
            before: devices_without!("-", "rmdir shm; ln -s /nowhere/shm shm"),
            says: &["/dev/shm is a link to nothing: it leads to /nowhere/shm"],
            remedy: Mends::Words("as root: rm /dev/shm && mkdir -m 1777 /dev/shm"),
            ..PLAIN
        },
    ]);
}

#[test]
fn no_place_for_what_is_thrown_away() {
    all(&[
        Staged {
            name: "no_null",
            before: devices_without!("null", "mount -t tmpfs none shm"),
            status: "warn",
            says: &["/dev/null is missing"],
            remedy: Mends::Words("as root: mknod -m 666 /dev/null c 1 3"),
            ..PLAIN
        },
        Staged {
            name: "null_is_a_file",
            before: devices_without!("null", ": > null; mount -t tmpfs none shm"),
            status: "warn",
            says: &["/dev/null is not the device of that name"],
            remedy: Mends::Words("as root: rm -r /dev/null && mknod"),
            ..PLAIN
        },
    ]);
}

#[test]
fn limits_are_named_with_their_numbers() {
    all(&[
        Staged {
            name: "data",
            before: "prlimit --data=5000000",
            says: &["the limit of a process's data is 5000000", "MemoryError"],
            remedy: Mends::Words("ulimit -d unlimited"),
            ..PLAIN
        },
        Staged {
            name: "length",
            before: "prlimit --fsize=0",
            says: &["the limit of a file's length is 0: no bridge can be built"],
            remedy: Mends::Words("ulimit -f unlimited"),
            ..PLAIN
        },
        Staged {
            name: "files",
            before: "prlimit --nofile=12",
            says: &["the limit of open files is 12: no bridge can be built"],
            remedy: Mends::Words("ulimit -n 4096"),
            ..PLAIN
        },
    ]);
    let mut site = site();
    site.before("prlimit --as=30000000");
    site.is_healthy();
}
