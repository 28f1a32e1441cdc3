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
fn a_broken_dev_null_is_reported() {
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
            // How Python ends then differs: MemoryError, OSError, or not at all.
            says: &["the limit of a process's data is 5000000"],
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

/// One that does not run, before one that does.
const fn program(name: &'static str, stage: &'static str, says: &'static [&'static str]) -> Staged {
    let set = &[("PATH", "$BIN:$APP/good:/usr/bin:/bin")];
    Staged { name, stage, set, says, remedy: Mends::Line("mv $BIN/ffmpeg $BIN/ffmpeg.off"), ..PLAIN }
}

#[test]
fn a_program_before_one_that_runs() {
    all(&[
        program(
            "lacks_a_library",
            "mkdir good; cp $BIN/ffmpeg good; printf '#!/bin/sh\\necho libx264.so: not found >&2; exit 127\\n' > $BIN/ffmpeg",
            &["$BIN/ffmpeg does not run"],
        ),
        program("empty", "mkdir good; cp $BIN/ffmpeg good; : > $BIN/ffmpeg", &["$BIN/ffmpeg is empty"]),
        program(
            "gone_shebang",
            "mkdir good; cp $BIN/ffmpeg good; printf '#!/opt/gone/bash\\n' > $BIN/ffmpeg",
            &["$BIN/ffmpeg can't be started: it begins with #!/opt/gone/bash"],
        ),
    ]);
}

#[test]
fn programs_that_can_not_be_reached() {
    all(&[
        Staged {
            name: "noexec",
            stage: "mkdir tools; mv $BIN/ffmpeg tools; for file in sh env; do ln -s /bin/$file $BIN/$file; done",
            before: "mount --bind tools tools; mount -o remount,bind,noexec tools; PATH=$BIN:$APP/tools",
            set: &[],
            says: &["ffmpeg can't be executed: it is on $APP/tools, which is mounted noexec"],
            remedy: Mends::Words("mount -o remount,exec $APP/tools"),
            ..PLAIN
        },
        Staged {
            name: "module_on_noexec",
            before: "mount --bind $ROOT/h_utils $ROOT/h_utils; mount -o remount,bind,noexec $ROOT/h_utils",
            says: &["is on $ROOT/h_utils, which is mounted noexec"],
            remedy: Mends::Words("as root: mount -o remount,exec $ROOT/h_utils"),
            ..PLAIN
        },
    ]);
}

#[test]
fn what_the_driver_says_and_what_the_variable_names() {
    const DRIVER: Staged = Staged { status: "warn", ..PLAIN };
    all(&[
        Staged {
            name: "no_such_gpu",
            stage: "printf '#!/bin/sh\\necho \"GPU 0: Tesla T4 (UUID: GPU-1)\"\\n' > $BIN/nvidia-smi; chmod +x $BIN/nvidia-smi",
            set: &[("CUDA_VISIBLE_DEVICES", "7")],
            says: &["CUDA_VISIBLE_DEVICES=7 hides every GPU: there is no GPU 7 here"],
            remedy: Mends::Line("unset CUDA_VISIBLE_DEVICES"),
            ..DRIVER
        },
        Staged {
            name: "no_devices",
            stage: "printf '#!/bin/sh\\necho No devices were found; exit 6\\n' > $BIN/nvidia-smi; chmod +x $BIN/nvidia-smi",
            says: &["No devices were found"],
            remedy: Mends::Words("docker run --gpus all"),
            ..DRIVER
        },
        Staged {
            name: "lost_devices",
            stage: "printf '#!/bin/sh\\necho Failed to initialize NVML: Unknown Error; exit 255\\n' > $BIN/nvidia-smi; chmod +x $BIN/nvidia-smi",
            says: &["NVML: Unknown Error"],
            remedy: Mends::Words("restart the container"),
            ..DRIVER
        },
    ]);
}

#[test]
fn modules_that_are_none() {
    all(&[
        Staged {
            name: "foreign_library",
            stage: "echo 'int x;' > x.c; cc -shared -o $ROOT/h_utils/custom$SUFFIX x.c",
            says: &["it has no PyInit_custom"],
            remedy: Mends::Words("copy it again"),
            ..PLAIN
        },
        Staged {
            name: "dead_link",
            stage: "ln -sf /nowhere/custom.so $ROOT/h_utils/custom$SUFFIX",
            says: &["h_utils/custom", "it is a link to nothing: it leads to /nowhere/custom.so"],
            remedy: Mends::Words("mounted"),
            ..PLAIN
        },
        Staged {
            name: "web_page",
            stage: "echo '<html>404</html>' > $ROOT/h_utils/custom$SUFFIX",
            says: &["h_utils/custom", "it is a web page"],
            remedy: Mends::Words("copy it again"),
            ..PLAIN
        },
    ]);
}
