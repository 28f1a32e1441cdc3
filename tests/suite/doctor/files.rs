//! Models, the configuration, what tasks write to, and programs.

use super::staged::{Mends, PLAIN, Staged, all};

/// A model that can't be used, which is fetched again.
const fn model(name: &'static str, stage: &'static str, says: &'static [&'static str]) -> Staged {
    Staged { name, stage, says, ..PLAIN }
}

/// Without root's powers over files. Whoever has none may not give them up, either.
const AS_ANYBODY: &str = "sh -c '[ \"$(id -u)\" != 0 ] || set -- setpriv --bounding-set -dac_override,-dac_read_search \"$@\"; exec \"$@\"' sh";

#[test]
fn models_that_are_not_what_they_should_be() {
    all(&[
        model(
            "zeroes",
            "head -c 65536 /dev/zero > $ROOT/models/model.onnx",
            &["models/model.onnx", "zeroes"],
        ),
        model(
            "json",
            "echo '{\"message\":\"API rate limit exceeded\"}' > $ROOT/models/model.onnx",
            &["is text"],
        ),
        model("not_found", "printf 'Not Found' > $ROOT/models/model.onnx", &["is text"]),
        model(
            "gz",
            "gzip $ROOT/models/model.onnx; mv $ROOT/models/model.onnx.gz $ROOT/models/model.onnx",
            &["model.onnx"],
        ),
        model("dead_link", "ln -sf /nowhere/model.onnx $ROOT/models/model.onnx", &["link to nothing"]),
        model("absent", "rm -r $ROOT/models", &["is not there"]),
        Staged {
            name: "two_absent",
            stage: "printf 'wget file://$APP/../origin/model.onnx -O models/b.onnx\\n' | sed \"s|.APP|$APP|\" >> $ROOT/download.sh; rm -r $ROOT/models",
            says: &["2 models are not in"],
            remedy: Mends::Line("(cd $ROOT && bash download.sh)"),
            ..PLAIN
        },
        Staged {
            name: "pipe",
            stage: "rm $ROOT/models/model.onnx; mkfifo $ROOT/models/model.onnx",
            says: &["is not a file"],
            remedy: Mends::Words("wget"),
            ..PLAIN
        },
        model(
            "sparse",
            "truncate -s 8T $ROOT/models/model.onnx; printf '\\n\\006' | dd of=$ROOT/models/model.onnx conv=notrunc 2>/dev/null",
            &["model.onnx"],
        ),
    ]);
}

/// A `curl -fsS… URL -o FILE`, and `-O` for the name in the URL.
macro_rules! with_curl {
    ($stage:literal) => {
        concat!(
            "printf '#!/bin/sh\\nfile=$4; [ \"$file\" ] || file=${2##*/}; cp \"${2#file://}\" \"$file\"\\n' > $BIN/curl; chmod +x $BIN/curl; \
             URL=file://$APP/../origin; cd $ROOT; ",
            $stage
        )
    };
}

#[test]
fn models_that_only_a_reader_tells() {
    all(&[
        model(
            "pickle_cut",
            "mv $ROOT/models $APP/../models; mkdir $ROOT/models; cd $APP/../origin; \
             $PYTHON -c 'import pickle; pickle.dump([str(n) for n in range(3000)], open(\"legacy.pth\", \"wb\"))'; \
             echo \"wget file://$APP/../origin/legacy.pth -O models/legacy.pth\" > $ROOT/download.sh; \
             head -c 9000 legacy.pth > $ROOT/models/legacy.pth",
            &["models/legacy.pth is cut short"],
        ),
        model(
            "zip_for_onnx",
            "cd $ROOT/models; cp model.onnx m; $PYTHON -m zipfile -c model.onnx m; rm m",
            &["models/model.onnx is not an ONNX model"],
        ),
        model(
            "by_a_variable",
            with_curl!(
                "printf 'M=models\\ncurl -fsS %s/model.onnx -o \"$M/model.onnx\"\\n' $URL > download.sh; : > models/model.onnx"
            ),
            &["models/model.onnx is empty"],
        ),
        model(
            "in_a_directory",
            with_curl!(
                "printf 'cd models\\ncurl -fsSO %s/model.onnx\\n' $URL > download.sh; : > models/model.onnx"
            ),
            &["models/model.onnx is empty"],
        ),
        Staged {
            name: "wget_into_a_directory",
            stage: "sed -i 's#-O models/model.onnx#-P models/#' $ROOT/download.sh; : > $ROOT/models/model.onnx; \
                    printf '#!/bin/sh\\n[ -e models/model.onnx ] || cp \"${1#file://}\" \"$3\"\\n' > $BIN/wget",
            says: &["models/model.onnx is empty"],
            ..PLAIN
        },
    ]);
}

#[test]
fn obstacles_in_the_way_of_the_models() {
    all(&[model(
        "file_for_directory",
        "rm -r $ROOT/models; echo > $ROOT/models",
        &["model.onnx is not there", "$ROOT/models is not a directory"],
    )]);
}

#[test]
fn configurations() {
    all(&[
        Staged {
            name: "percent",
            stage: "sed -i 's#dh.log#dh-%d.log#' $ROOT/config/config.ini",
            says: &["InterpolationSyntaxError"],
            remedy: Mends::Words("replace each % of log_file with %%"),
            ..PLAIN
        },
        Staged {
            name: "comment_behind_a_value",
            stage: "printf '[http_server]\\nserver_port = 8383 # ours\\n' >> $ROOT/config/config.ini",
            says: &["server_port = 8383 # ours is not a valid port"],
            remedy: Mends::Words("and nothing else"),
            ..PLAIN
        },
        Staged {
            name: "read_as_ascii",
            stage: "printf '# \\346\\227\\245\\n' >> $ROOT/config/config.ini",
            set: &[("LC_ALL", "C"), ("PYTHONUTF8", "0"), ("PYTHONCOERCECLOCALE", "0")],
            says: &["config.ini", "'ascii' codec"],
            remedy: Mends::Line("export PYTHONUTF8=1"),
            ..PLAIN
        },
        Staged {
            name: "bom",
            stage: "printf '\\357\\273\\277' | cat - $ROOT/config/config.ini > c; mv c $ROOT/config/config.ini",
            says: &["byte order mark"],
            ..PLAIN
        },
        Staged {
            name: "gbk",
            stage: "printf '# \\304\\343\\272\\303\\n' | cat - $ROOT/config/config.ini > c; mv c $ROOT/config/config.ini",
            says: &["is not UTF-8, it is GBK"],
            ..PLAIN
        },
        Staged {
            name: "utf16",
            stage: "iconv -f UTF-8 -t UTF-16 $ROOT/config/config.ini > c; mv c $ROOT/config/config.ini",
            says: &["is not UTF-8, it is UTF-16"],
            ..PLAIN
        },
        Staged {
            name: "twice",
            stage: "printf '[http_server]\\nserver_port=1\\nserver_port=2\\n' >> $ROOT/config/config.ini",
            says: &["line 6: option server_port is there twice"],
            remedy: Mends::Words("correct"),
            ..PLAIN
        },
        Staged {
            name: "no_log",
            stage: "printf '[http_server]\\nserver_port=\\n' | sed 's/=.*/=0/' > $ROOT/config/config.ini",
            says: &["NoSectionError: No section: 'log'"],
            remedy: Mends::Words("[log]"),
            ..PLAIN
        },
        Staged {
            name: "wrong_kind",
            stage: "printf '[http_server]\\nserver_port = 80%%(x)s\\n' >> $ROOT/config/config.ini",
            says: &["server_port = 80%(x)s is not a valid port"],
            remedy: Mends::Words("and nothing else"),
            ..PLAIN
        },
        Staged {
            name: "directory",
            stage: "rm $ROOT/config/config.ini; mkdir $ROOT/config/config.ini",
            says: &["config.ini is a directory"],
            remedy: Mends::Words("rmdir"),
            ..PLAIN
        },
        Staged {
            name: "fifo",
            stage: "rm $ROOT/config/config.ini; mkfifo $ROOT/config/config.ini",
            says: &["config.ini", "it is a pipe"],
            remedy: Mends::Words("restore"),
            ..PLAIN
        },
        Staged {
            name: "dead_link",
            stage: "ln -sf /nowhere/config.ini $ROOT/config/config.ini",
            says: &["config.ini is a link to nothing: it leads to /nowhere/config.ini"],
            remedy: Mends::Words("have /nowhere/config.ini mounted"),
            ..PLAIN
        },
        Staged {
            name: "percent",
            stage: "sed -i 's|./log|./log%d|' $ROOT/config/config.ini",
            says: &["the SDK dies of InterpolationSyntaxError"],
            remedy: Mends::Words("replace each % of log_dir with %%"),
            ..PLAIN
        },
        Staged {
            name: "no_base",
            stage: "sed -i 's|./log|%(base)s/log|' $ROOT/config/config.ini",
            says: &["the SDK dies of InterpolationMissingOptionError"],
            remedy: Mends::Words("set base in [log] of $ROOT/config/config.ini: base = "),
            ..PLAIN
        },
        Staged {
            name: "log_is_a_dead_link",
            stage: "ln -s /nowhere/dh.log $ROOT/log/dh.log",
            says: &["log/dh.log can't be written to: it is a link"],
            remedy: Mends::Line("rm $ROOT/log/dh.log"),
            ..PLAIN
        },
        Staged {
            name: "of_windows",
            stage: "sed -i 's#./log#D:\\\\heygem#' $ROOT/config/config.ini",
            status: "warn",
            says: &["log_dir = D:\\heygem is a path of Windows"],
            remedy: Mends::Words("a directory of this system"),
            ..PLAIN
        },
        Staged {
            name: "tilde",
            stage: "sed -i 's|./log|~/log|' $ROOT/config/config.ini; mkdir -p \"$ROOT/~/log\"",
            status: "warn",
            says: &["log_dir = ~/log is taken literally"],
            remedy: Mends::Words("whole path"),
            ..PLAIN
        },
        Staged {
            name: "variable",
            stage: "sed -i 's|./log|$HOME/log|' $ROOT/config/config.ini",
            status: "warn",
            says: &["log_dir = $HOME/log is taken literally: no variable is put in"],
            remedy: Mends::Words("whole path"),
            ..PLAIN
        },
        Staged {
            name: "quoted",
            stage: "sed -i 's|./log$|\"log\"|' $ROOT/config/config.ini",
            status: "warn",
            says: &["log_dir = \"log\" is taken literally"],
            remedy: Mends::Words("take the quotes out of log_dir"),
            ..PLAIN
        },
        Staged {
            name: "remark",
            stage: "sed -i 's|./log$|./log  # here|' $ROOT/config/config.ini",
            status: "warn",
            says: &["log_dir = ./log  # here is taken literally"],
            remedy: Mends::Words("line of its own"),
            ..PLAIN
        },
    ]);
}

#[test]
fn places_that_tasks_write_to() {
    all(&[
        Staged {
            name: "log_is_a_loop_of_links",
            stage: "rm -r $ROOT/log; ln -s log $ROOT/log",
            says: &["$ROOT/log is a loop of links"],
            remedy: Mends::Line("rm $ROOT/log && mkdir -p $ROOT/log"),
            ..PLAIN
        },
        Staged {
            name: "directory_is_gone",
            stage: "rm -r $ROOT/config",
            says: &["$ROOT/config/config.ini is not there"],
            remedy: Mends::Words("restore $ROOT/config/config.ini"),
            ..PLAIN
        },
        Staged {
            name: "log_is_a_file",
            stage: "rm -r $ROOT/log; : > $ROOT/log",
            says: &["log is not a directory"],
            remedy: Mends::Line("mv $ROOT/log $ROOT/log.off && mkdir -p $ROOT/log"),
            ..PLAIN
        },
        Staged {
            name: "log_file_is_a_directory",
            stage: "mkdir $ROOT/log/dh.log",
            says: &["dh.log is a directory"],
            remedy: Mends::Line("rmdir $ROOT/log/dh.log"),
            ..PLAIN
        },
        Staged {
            name: "log_is_a_pipe",
            stage: "mkfifo $ROOT/log/dh.log",
            says: &["log/dh.log is a pipe without a reader"],
            remedy: Mends::Line("rm $ROOT/log/dh.log"),
            ..PLAIN
        },
        Staged {
            name: "log_without_inodes",
            before: "mount -t tmpfs -o nr_inodes=1 none $ROOT/log",
            says: &["log has no free inodes"],
            remedy: Mends::Words("df -i $ROOT/log"),
            ..PLAIN
        },
        Staged {
            name: "log_elsewhere",
            stage: "sed -i 's|./log|/proc/nowhere/log|' $ROOT/config/config.ini",
            before: AS_ANYBODY,
            says: &["/proc/nowhere/log is not there, and /proc can't be written to"],
            remedy: Mends::Words("as root: mkdir -p /proc/nowhere/log && chown "),
            ..PLAIN
        },
        Staged {
            name: "log_in_the_systems",
            stage: "sed -i 's|./log|/proc/sys|' $ROOT/config/config.ini",
            before: AS_ANYBODY,
            says: &["/proc/sys can't be written to"],
            remedy: Mends::Words("name another directory in $ROOT/config/config.ini"),
            ..PLAIN
        },
        Staged {
            name: "log_is_missing",
            stage: "rm -r $ROOT/log",
            status: "warn",
            says: &["log is not there"],
            remedy: Mends::Line("mkdir -p $ROOT/log"),
            ..PLAIN
        },
    ]);
}

#[test]
fn programs() {
    all(&[
        Staged {
            name: "lacks_a_library",
            stage: "printf '#!/bin/sh\\necho libx264.so.160: not found >&2; exit 127\\n' > $BIN/ffmpeg",
            says: &["libx264.so.160"],
            remedy: Mends::Words("ffmpeg"),
            ..PLAIN
        },
        Staged {
            name: "of_windows_lines",
            stage: "printf '#!/bin/sh\\r\\nexit 0\\r\\n' > $BIN/ffmpeg",
            says: &["$BIN/ffmpeg can't be started: its lines end as on Windows"],
            remedy: Mends::Line("sed -i 's/\\r$//' $BIN/ffmpeg"),
            ..PLAIN
        },
        Staged {
            name: "wrong_machine",
            stage: "cp /bin/true $BIN/ffmpeg; printf '\\267' | dd of=$BIN/ffmpeg bs=1 seek=18 conv=notrunc 2>/dev/null",
            says: &["ffmpeg", "another machine"],
            remedy: Mends::Words("ffmpeg"),
            ..PLAIN
        },
        Staged {
            name: "no_x264",
            stage: "printf '#!/bin/sh\\ntest \"$1\" = -version || printf \" V..... libopenh264 x\\\\n\"\\n' > $BIN/ffmpeg; echo 'LINE = \"-c:v libx264\"' > $ROOT/service/video.py",
            status: "warn",
            says: &["libx264"],
            remedy: Mends::Words("libx264"),
            ..PLAIN
        },
    ]);
}
